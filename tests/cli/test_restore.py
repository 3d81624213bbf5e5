"""`snapshot restore` on the command line: where it may restore to, and what it says."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from liferaft.moves import verification as room
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.verified import Verification
from liferaft.site.reach import VaultAccess
from liferaft.vault import Vault

Liferaft = Callable[..., Any]
AT = "2026-11-22T14:00:00+00:00"
POINT = "20261122T140000Z"
ACCESS = VaultAccess("one", "b", "s3.test", 443, "r", "id", "secret")


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize("into", ["there", "/", "/a/../b", "/a b", "/$(id)", "/a/", "//a"])
def test_a_folder_that_is_no_plain_whole_path_is_wrong_usage(liferaft: Liferaft, into: str) -> None:
    assert liferaft("snapshot", "restore", POINT, "--into", into).code == 2


@pytest.mark.usefixtures("east_reigns")
def test_a_point_is_restored_whole_into_the_folder_from_the_first_vault_that_has_it(
    liferaft: Liferaft, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Part("postgres", "db", 1, AT, 4096)
    publish(vault, RecoveryPoint(POINT, "chirp", 1, "east", AT, (part,)))
    wishes: list[room.Wish] = []

    async def verify(_: object, wish: room.Wish, access: VaultAccess, tell: room.Tell) -> Any:
        wishes.append(wish)
        tell(f"restoring from {access.name}")
        shape = ({"kind": "postgres", "name": "db"},)
        return Verification(AT, "liferaft 1", "east", 12.4, wish.whole, shape)

    monkeypatch.setattr(room, "vaults_of", lambda *_: (ACCESS,))
    monkeypatch.setattr(room, "verify", verify)
    ran = liferaft("snapshot", "restore", POINT, "--into", "/var/lib/restored", "--json")
    assert ran.code == 0
    assert "postgres db: /var/lib/restored/postgres-db" in ran.err
    told = json.loads(ran.out)
    assert (told["vault"], told["folder"], told["whole"]) == ("one", "/var/lib/restored", True)
    assert [wish.into for wish in wishes] == ["/var/lib/restored"]
