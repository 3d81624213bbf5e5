"""Copies of the state: written after each operation, named when the state is lost."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import stamina

from liferaft.failures import BadInput
from liferaft.provision.engine.contract import (
    LockHolder,
    OnEvent,
    OperationEvent,
    Outcome,
    Request,
    StateLocation,
)
from liferaft.provision.engine.faults import StateUnreachable
from liferaft.provision.engine.state import copies as copying
from liferaft.provision.engine.state.copies import Copying, StateLost, copies
from liferaft.provision.engine.state.storage import Storage, checkpoint_path

PATH = checkpoint_path("golden", "dev")
DEAD = StateLocation(
    "s3://dead/state",
    {"endpoint": "http://127.0.0.1:9", "access_key_id": "k", "secret_access_key": "s"},
)


def checkpoint(minute: int, resources: int = 1) -> bytes:
    rows = [{"urn": "u", "type": "toy:index:Thing", "custom": True}] * resources
    latest = {"manifest": {"time": f"2026-11-22T14:{minute:02}:00.5Z"}, "resources": rows}
    return json.dumps({"version": 3, "checkpoint": {"latest": latest}}).encode()


class Writes:
    """An engine whose every `up` writes a newer checkpoint, then fails if it is told to."""

    def __init__(self) -> None:
        self.minute = 10
        self.trouble: Exception | None = None

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        self.minute += 1
        await Storage(request.state).write(PATH, checkpoint(self.minute))
        if self.trouble is not None:
            raise self.trouble
        return Outcome(ok=True)

    async def destroy(self, request: Request, on_event: OnEvent) -> Outcome:
        return Outcome(ok=True)

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        return Outcome(ok=True)

    async def refresh(
        self, request: Request, on_event: OnEvent, *, preview: bool = False
    ) -> Outcome:
        return Outcome(ok=True)

    async def export(self, request: Request) -> dict[str, Any]:
        return {}

    async def import_(self, request: Request, deployment: Mapping[str, Any]) -> None:
        await Storage(request.state).write(PATH, checkpoint(self.minute))

    async def cancel(self, request: Request) -> tuple[LockHolder, ...]:
        return ()


class Scene:
    def __init__(self, root: Path, **places: StateLocation) -> None:
        self.first = StateLocation(f"file://{root}/first")
        self.places = places or {"second": StateLocation(f"file://{root}/second")}
        self.inner = Writes()
        self.missed: list[tuple[str, str]] = []
        self.engine = Copying(self.inner, self._places, self.told)

    def _places(self) -> Mapping[str, StateLocation]:
        return {"first": self.first, **self.places}

    def told(self, name: str, why: str) -> None:
        self.missed.append((name, why))

    def request(self, state: StateLocation | None = None) -> Request:
        return Request(Path(), "golden", "dev", state or self.first, passphrase="p")

    async def up(self) -> Outcome:
        return await self.engine.up(self.request(), quiet)

    async def copy(self, place: str = "second") -> bytes | None:
        return await Storage(self.places[place]).read(PATH)


def quiet(_: OperationEvent) -> None:
    """Nobody listens."""


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


async def test_each_operation_leaves_a_copy_of_its_own_layout(scene: Scene) -> None:
    await scene.up()
    assert await scene.copy() == checkpoint(11)
    await scene.up()
    assert await scene.copy() == checkpoint(12)
    assert await Storage(scene.places["second"]).list(".pulumi") == [".pulumi/meta.yaml", PATH]


async def test_an_operation_that_failed_is_copied_too(scene: Scene) -> None:
    scene.inner.trouble = BadInput("the engine broke")
    with pytest.raises(BadInput):
        await scene.up()
    assert await scene.copy() == checkpoint(11)


async def test_a_copy_of_a_clock_that_was_ahead_is_replaced_and_kept(scene: Scene) -> None:
    """Else every later state would have no copy until the clocks have caught up."""
    second = Storage(scene.places["second"])
    await second.write(PATH, checkpoint(30))
    await Storage(scene.first).write(PATH, checkpoint(5))
    await scene.up()
    assert await scene.copy() == checkpoint(11)
    (kept,) = await second.list(".pulumi/backups")
    assert await second.read(kept) == checkpoint(30)


async def test_a_state_that_was_brought_replaces_a_stale_one(scene: Scene) -> None:
    """By whom leads, not by the clock."""
    await Storage(scene.first).write(PATH, checkpoint(30))
    await Storage(scene.places["second"]).write(PATH, checkpoint(5))
    await copying.bring(scene.places["second"], scene.first, "golden", ["dev", "never-deployed"])
    assert await Storage(scene.first).read(PATH) == checkpoint(5)
    (kept,) = await Storage(scene.first).list(".pulumi/backups")
    assert await Storage(scene.first).read(kept) == checkpoint(30)


async def test_whichever_vault_leads_the_others_get_the_copy(scene: Scene) -> None:
    await scene.engine.up(scene.request(scene.places["second"]), quiet)
    assert await Storage(scene.first).read(PATH) == checkpoint(11)
    assert scene.missed == []


async def test_a_copy_that_cannot_be_written_is_a_loud_warning_and_no_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(tmp_path, dead=DEAD, third=StateLocation(f"file://{tmp_path}/third"))
    await Storage(scene.first).write(PATH, checkpoint(5))
    monkeypatch.setattr(copying, "COPY_SECONDS", 90.0)
    with stamina.set_testing(True):
        assert (await scene.up()).ok
    assert "vault dead has no copy of the newest state of dev" in caplog.text
    assert scene.missed == [("dead", "it has no copy of the state of dev")]
    assert await scene.copy("third") == checkpoint(11)


async def test_a_state_that_is_gone_is_not_taken_for_a_new_stack(scene: Scene) -> None:
    await Storage(scene.places["second"]).write(PATH, checkpoint(11, resources=4))
    for work in (scene.engine.up, scene.engine.preview, scene.engine.destroy):
        with pytest.raises(StateLost) as lost:
            await work(scene.request(), quiet)
    assert "vault second has a copy of 2026-11-22T14:11:00Z with 4" in lost.value.facts.happened
    assert lost.value.facts.do == "liferaft state restore dev --from second"
    with pytest.raises(StateLost):
        await scene.engine.export(scene.request())


async def test_a_copy_of_nothing_is_no_loss(scene: Scene) -> None:
    await Storage(scene.places["second"]).write(PATH, checkpoint(11, resources=0))
    assert (await scene.up()).ok


async def test_when_the_first_place_is_dead_the_newest_copy_is_named(tmp_path: Path) -> None:
    old, new = (StateLocation(f"file://{tmp_path}/{name}") for name in ("old", "new"))
    await Storage(old).write(PATH, checkpoint(1))
    await Storage(new).write(PATH, checkpoint(2, resources=3))
    scene = Scene(tmp_path, old=old, new=new)
    with stamina.set_testing(True), pytest.raises(StateUnreachable) as lost:
        await scene.engine.up(scene.request(DEAD), quiet)
    facts = lost.value.facts
    assert "Vault new has a copy of the state of dev of 2026-11-22T14:02:00Z" in facts.safe
    assert "vault new leads and its copy is used" in facts.do


async def test_copies_are_the_newest_first_whatever_their_clocks_zone(tmp_path: Path) -> None:
    places = {n: StateLocation(f"file://{tmp_path}/{n}") for n in ("a", "b")}
    east = checkpoint(30).replace(b":30:00.5Z", b":30:00.123456789+02:00")  # 12:30 UTC
    await Storage(places["a"]).write(PATH, east)
    await Storage(places["b"]).write(PATH, checkpoint(0))
    found = await copies(places, "golden", "dev")
    assert [copy.place for copy in found] == ["b", "a"]
