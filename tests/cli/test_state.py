"""`liferaft state`: shown, unlocked, restored."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Ran

Liferaft = Callable[..., Ran]
RECORDED = Path(__file__).parents[1] / "provision/engine/golden/data/01-create/p1/checkpoint.json"
STACK = ".pulumi/stacks/chirp/east.json"


@pytest.fixture
def second(folder: Path) -> Path:
    """A second vault; the place of states in it."""
    with (folder / "liferaft.toml").open("a") as file:
        file.write(f'[vaults.second]\nurl = "file://{folder}/second"\n')
    return folder / "second/chirp/state"


@pytest.fixture
def first(folder: Path) -> Path:
    """The place of states in the first vault."""
    return folder / "vault/chirp/state"


def holds(place: Path) -> None:
    """A state that the Pulumi CLI wrote for three resources of east."""
    (place / STACK).parent.mkdir(parents=True)
    shutil.copy(RECORDED, place / STACK)
    (place / ".pulumi/meta.yaml").write_text("version: 1\n")


def history(place: Path, moment: int, result: str) -> None:
    path = place / f".pulumi/history/chirp/east/east-{moment}000000000.history.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    changes = {"create": 2, "same": 1}
    record = {"kind": "update", "result": result, "endTime": moment, "resourceChanges": changes}
    path.write_text(json.dumps(record))


def lock(place: Path, **changes: object) -> Path:
    record = {"pid": 2**22 + 1, "username": "ann", "hostname": socket.gethostname()}
    path = place / ".pulumi/locks/organization/chirp/east/one.json"
    path.parent.mkdir(parents=True)
    moment = {"timestamp": "2026-11-22T14:00:00.123456789Z"}
    path.write_text(json.dumps({**record, **moment, **changes}))
    return path


def test_each_sites_state_is_shown_with_lock_history_and_copies(
    liferaft: Liferaft, first: Path, second: Path
) -> None:
    holds(first)
    holds(second)
    history(first, 1_795_000_000, "failed")
    history(first, 1_795_000_060, "succeeded")
    lock(first)
    text = liferaft("state").out
    assert "east: 2 resources, written 20" in text
    assert f"locked by ann@{socket.gethostname()} (pid {2**22 + 1}) since 2026-11-22T14" in text
    assert "it does not run here any more" in text
    assert text.index("update succeeded: 2 create, 1 same") < text.index("update failed")
    assert "copy in second of 20" in text
    assert "north: never deployed" in text
    east, north = json.loads(liferaft("state", "--json").out)
    assert (east["site"], east["resources"], east["locks"][0]["alive"]) == ("east", 2, False)
    assert [update["result"] for update in east["history"]] == ["succeeded", "failed"]
    assert east["copies"][0]["place"] == "second"
    assert (north["written"], north["copies"], north["trouble"]) == (None, [], None)


def test_a_state_that_cannot_be_read_is_told_and_the_others_too(
    liferaft: Liferaft, first: Path
) -> None:
    holds(first)
    (first / STACK).write_text("cut")
    text = liferaft("state").out
    assert "east: the state cannot be read" in text
    assert "north: never deployed" in text


def test_a_stale_lock_is_taken_away_only_when_that_is_agreed_to(
    liferaft: Liferaft, first: Path
) -> None:
    holds(first)
    path = lock(first, hostname="elsewhere")
    declined = liferaft("state", "unlock", "east", typed="n\n")
    assert declined.code == 8
    assert "locked by ann@elsewhere" in declined.err
    assert "unknown if it runs" in declined.err
    assert path.exists()
    assert liferaft("state", "unlock", "east", typed="y\n").code == 0
    assert not path.exists()
    assert "not locked" in liferaft("state", "unlock", "east").err


def test_a_holder_that_runs_is_not_robbed(liferaft: Liferaft, first: Path) -> None:
    holds(first)
    path = lock(first, pid=os.getpid(), timestamp="2199-01-01T00:00:00Z")
    ran = liferaft("state", "unlock", "east", "--yes")
    assert ran.code == 5
    assert "locked by a process that runs" in ran.err
    assert path.exists()


def test_a_copy_is_restored_and_what_it_replaces_is_kept(
    liferaft: Liferaft, first: Path, second: Path
) -> None:
    holds(second)
    holds(first)
    (first / STACK).write_text("cut")
    assert liferaft("state", "restore", "east", "--from", "second", typed="n\n").code == 8
    ran = liferaft("state", "restore", "east", "--from", "second", "--yes")
    assert ran.code == 0
    assert "2 resources" in ran.err
    assert (first / STACK).read_bytes() == RECORDED.read_bytes()
    (kept,) = (first / ".pulumi/backups/chirp/east").iterdir()
    assert kept.read_text() == "cut"
    assert not list((first / ".pulumi/locks").rglob("*.json"))


def test_a_vault_without_a_copy_is_bad_input(liferaft: Liferaft, second: Path) -> None:
    for vault, reason in (("main", "holds no copies"), ("second", "no readable copy")):
        ran = liferaft("state", "restore", "east", "--from", vault, "--yes")
        assert ran.code == 3
        assert reason in ran.err
    assert not second.exists() or not list(second.rglob("*.json"))
    assert liferaft("state", "unlock", "nowhere").code == 3
