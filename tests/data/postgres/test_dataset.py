"""How the restore of a database is proven."""

import dataclasses
import json
from collections.abc import Callable
from typing import cast

import pytest

from liferaft.data.failures import NotVerified
from liferaft.data.parts import RestorePart
from liferaft.data.postgres import binding
from liferaft.data.postgres.layout import Database
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.remote.contract import Completed, Host
from liferaft.site.world import World

POINT = "20261122T140000Z"
FACTS = {"labels": {"main": "20261122-140000F"}, "system_id": "742", "stop_lsn": "0/3000100"}
DATABASE = Part("postgres", "db", 1, "2026-11-22T14:00:00+00:00", 7, FACTS)
RESTORE = RestorePart(
    "postgres", "db", "db-1", point_epoch=1, point=POINT, old=1, epoch=2, facts={"timeline": 1}
)


class Standby:
    """A server whose PostgreSQL says this of itself, whatever it is asked."""

    def __init__(self, system_id: str, lsn: str) -> None:
        status = {"in_recovery": True, "recovering": 1, "writing": None}
        self.says = json.dumps(status | {"system_id": system_id, "lsn": lsn}).encode()

    async def run(self, *_: object, **__: object) -> Completed:
        return Completed(0, self.says, b"")


@pytest.fixture
def restored(in_a_bucket: Callable[[str], World]) -> World:
    """A world whose vault has the recovery point."""
    world = in_a_bucket("s3://chirp-vault")
    point = RecoveryPoint(POINT, "chirp", 1, "east", DATABASE.taken_at, (DATABASE,))
    publish(world.site.vault, point)
    return world


async def test_what_was_restored_is_the_cluster_that_was_backed_up(restored: World) -> None:
    restored.servers._hosts["db-1"] = cast("Host", Standby("742", "0/3000100"))
    await RESTORE.prove(restored)


@pytest.mark.parametrize(
    ("system_id", "lsn"), [("743", "0/3000100"), ("742", "0/30000FF")], ids=["another", "less"]
)
async def test_another_cluster_or_less_than_the_backup_is_no_restore(
    restored: World, system_id: str, lsn: str
) -> None:
    restored.servers._hosts["db-1"] = cast("Host", Standby(system_id, lsn))
    with pytest.raises(NotVerified, match="is not what backup"):
        await RESTORE.prove(restored)


async def test_a_database_is_kept_in_every_vault_in_the_order_of_the_file(
    in_a_bucket: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = in_a_bucket('s3://chirp-vault"\n[vaults.copies]\nurl = "s3://chirp-copies')
    keys = world.site.credentials.vaults["main"]
    named = {"main": keys, "copies": keys}
    world.site.credentials = dataclasses.replace(world.site.credentials, vaults=named)

    async def there(_: World) -> Database:
        return Database("chirp", "chirp", "password", "10.0.1.5", "10.0.0.0/16")

    monkeypatch.setattr(binding, "database", there)
    opened = await binding.postgres(world, "db", 1)
    assert [(store.name, store.bucket) for store in opened.stores] == [
        ("main", "chirp-vault"),
        ("copies", "chirp-copies"),
    ]
    assert opened.wal_from == ("main", "copies")
    world.run = dataclasses.replace(world.run, away=frozenset({"main"}))
    planned = ("main", "copies")
    assert (await binding.postgres(world, "db", 1, wal_from=planned)).wal_from == ("copies",)
    assert (await binding.postgres(world, "db", 1, wal_from=("main",))).wal_from == ("main",), (
        "without any nothing could be restored: it is asked, and tells why it cannot"
    )
