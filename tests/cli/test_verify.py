"""`snapshot verify` on the command line: what it refuses, what it tells, how it exits."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from liferaft.data.failures import NotVerified
from liferaft.moves import verification as room
from liferaft.moves.verification import PointNotProven
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.verified import Verification
from liferaft.site.reach import VaultAccess
from liferaft.vault import Vault

Liferaft = Callable[..., Any]
AT = "2026-11-22T14:00:00+00:00"
POINT = "20261122T140000Z"
TWO = [VaultAccess(name, "b", "s3.test", 443, "r", "id", "secret") for name in ("one", "two")]
PART = {"kind": "postgres", "name": "db", "checked": ["it is whole"], "unread": []}


@pytest.fixture
def point(vault: Vault) -> None:
    part = Part("postgres", "db", 1, AT, 4096)
    publish(vault, RecoveryPoint(POINT, "chirp", 1, "east", AT, (part,)))


@pytest.fixture
def two_vaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two vaults have the point: the first has it torn."""

    async def verify(_: object, wish: room.Wish, access: VaultAccess, tell: room.Tell) -> Any:
        tell(f"trying {access.name}")
        fault = NotVerified("The database is torn.", safe="What serves goes on.", do="Take one.")
        faults = [fault] if access.name == "one" else []
        came = Verification(
            AT, "liferaft 1", "east", 12.4, wish.whole, (PART,), tuple(map(str, faults))
        )
        if faults:
            raise PointNotProven(POINT, access.name, faults, came)
        return came

    monkeypatch.setattr(room, "vaults_of", lambda *_: TWO)
    monkeypatch.setattr(room, "verify", verify)


def test_before_the_first_deploy_there_is_nothing_to_verify(liferaft: Liferaft) -> None:
    assert liferaft("snapshot", "verify").code == 4


@pytest.mark.usefixtures("east_reigns", "point")
def test_a_point_that_nobody_took_and_a_vault_that_servers_do_not_reach_are_bad_input(
    liferaft: Liferaft,
) -> None:
    assert liferaft("snapshot", "verify", "20200101T000000Z").code == 3
    ran = liferaft("snapshot", "verify")
    assert ran.code == 3
    assert "is a folder" in ran.err


@pytest.mark.usefixtures("east_reigns", "point", "two_vaults")
def test_each_vault_is_tried_and_what_one_lacks_has_its_own_exit_code(liferaft: Liferaft) -> None:
    ran = liferaft("snapshot", "verify", "--json")
    assert ran.code == 9
    assert "does not come back whole from vault one" in ran.err
    assert "The database is torn." in ran.err
    assert "Safe: What serves goes on." in ran.err
    assert "comes back whole from vault two: tried on east in 12 s" in ran.err
    told = json.loads(ran.out)
    assert (told["name"], told["epoch"]) == (POINT, 1)
    assert [one["faults"] for one in told["vaults"].values()] == [["The database is torn."], []]
