"""The checkpoint in memory and at rest, and the group commit that writes it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.embedded.writer import Writer
from liferaft.provision.engine.faults import EngineLacks, StateUnreachable, StateUnreadable
from liferaft.provision.engine.state.checkpoint import Checkpoint, read_latest, salt_of
from liferaft.provision.engine.state.passphrase import Passphrase
from liferaft.provision.engine.state.rows import Row
from liferaft.provision.engine.state.storage import Storage

CREATING: dict[str, Any] = {
    "resource": {"urn": "n", "custom": True, "type": "a:b:C"},
    "type": "creating",
}


class Unlocked(Passphrase):
    """A passphrase without secrets to seal: nothing is derived."""

    def __init__(self) -> None:
        super().__init__("golden")

    async def unlock(self) -> None:
        await asyncio.sleep(0)

    @property
    def state(self) -> str:
        return "v1:s:v1:n:c"


def row(urn: str, **changes: Any) -> Row:
    return replace(Row(urn=urn, custom=True, type="a:b:C", id=f"{urn}-1"), **changes)


def written(checkpoint: Checkpoint) -> dict[str, Any]:
    latest: dict[str, Any] = json.loads(checkpoint.text())["checkpoint"]["latest"]
    return latest


async def loaded(latest: dict[str, Any]) -> Checkpoint:
    checkpoint = Checkpoint("organization/golden/dev", Unlocked())
    await checkpoint.load(latest)
    return checkpoint


async def test_finished_rows_come_first_and_take_the_place_of_old_ones() -> None:
    old = {"urn": "old", "custom": True, "type": "a:b:C", "sourcePosition": "project:///x#1"}
    checkpoint = await loaded({"resources": [old, {**old, "urn": "kept"}]})
    checkpoint.finish(row("new"), None)
    checkpoint.finish(row("old"), checkpoint.before[0])
    found = written(checkpoint)["resources"]
    assert [r["urn"] for r in found] == ["new", "old", "kept"]
    assert found[2]["sourcePosition"] == "project:///x#1", "what is not understood is kept"


async def test_rows_that_wait_name_what_was_renamed_by_its_new_name() -> None:
    waits: dict[str, Any] = {
        "dependencies": ["old"],
        "propertyDependencies": {"x": ["old"]},
        "parent": "old",
    }
    user = {"urn": "user", "provider": "old::1", "deletedWith": "old", "parent": "old", **waits}
    rows = [{"urn": "old"}, user]
    checkpoint = await loaded(
        {"resources": [{**found, "custom": True, "type": "a:b:C"} for found in rows]}
    )
    old, before = checkpoint.before
    checkpoint.finish(row("new"), old)
    assert '"old' not in checkpoint.text()
    assert checkpoint.before[0].provider == "new::1"
    checkpoint.finish(row("user"), before)
    assert checkpoint.before == [], "whoever looked before the renaming means the same row"


async def test_an_operation_is_pending_for_as_long_as_it_goes_on() -> None:
    checkpoint = await loaded({})
    new = row("new", id="")
    checkpoint.begin(new, "creating")
    pending = written(checkpoint)["pending_operations"]
    assert pending == [{**CREATING, "resource": {**CREATING["resource"], "urn": "new"}}]
    checkpoint.end(new)
    assert "pending_operations" not in written(checkpoint)


async def test_an_interrupted_creation_stays_pending_until_it_is_settled() -> None:
    checkpoint = await loaded({"pending_operations": [CREATING]})
    assert written(checkpoint)["pending_operations"] == [CREATING]
    checkpoint.finish(row("n"), None)
    assert written(checkpoint)["pending_operations"] == [CREATING], "there may be two now"
    checkpoint.settle("n")
    assert "pending_operations" not in written(checkpoint)


def test_what_is_no_checkpoint_of_ours_is_refused() -> None:
    assert read_latest(None) == {}
    assert read_latest(b'{"version":0,"checkpoint":{"stack":"s"}}') == {}
    for text in (b"", b"[]", b'{"version":3}'):
        with pytest.raises(StateUnreadable):
            read_latest(text)
    cloud = {"secrets_providers": {"type": "cloud", "state": {}}}
    for latest, version, what in ((cloud, 3, "cloud"), ({"resources": []}, 4, "version 4")):
        document = {"version": version, "checkpoint": {"latest": latest}}
        with pytest.raises(EngineLacks, match=what):
            read_latest(json.dumps(document).encode())
    with pytest.raises(EngineLacks, match="taint"):
        read_latest(b'{"version":3,"features":["taint"],"checkpoint":{"latest":{"a":1}}}')
    assert salt_of({}) == ""


async def test_rows_that_we_could_not_carry_on_are_refused_by_name() -> None:
    with pytest.raises(EngineLacks, match="`taint`"):
        await loaded({"resources": [{**CREATING["resource"], "taint": True}]})


async def test_changes_that_are_ready_together_share_one_write(tmp_path: Path) -> None:
    checkpoint = await loaded({})
    storage = Storage(StateLocation(f"file://{tmp_path}"))
    writer = Writer(storage, "dev.json", checkpoint.text, Unlocked())

    async def one(number: int) -> None:
        checkpoint.finish(row(f"r{number}"), None)
        await writer.flush()
        assert f'"r{number}"' in (tmp_path / "dev.json").read_text()

    await asyncio.gather(*(one(number) for number in range(50)))
    assert writer.writes <= 2


class Dead(Storage):
    """A store that answers nobody, after a while."""

    tries = 0

    async def write(self, path: str, content: bytes) -> None:
        self.tries += 1
        await asyncio.sleep(0.01)
        raise StateUnreachable(f"writing {path} failed")


async def test_a_write_that_fails_fails_for_all_who_share_it(tmp_path: Path) -> None:
    checkpoint = await loaded({})
    dead = Dead(StateLocation(f"file://{tmp_path}"))
    writer = Writer(dead, "dev.json", checkpoint.text, Unlocked())
    ended = await asyncio.gather(*(writer.flush() for _ in range(50)), return_exceptions=True)
    assert {type(error) for error in ended} == {StateUnreachable}
    assert dead.tries <= 2, "each try takes most of a minute"
    with pytest.raises(StateUnreachable):
        await writer.flush()
    assert dead.tries <= 3, "what comes later is tried anew"
