"""What writes are told to be: nothing, until a store demands it. Stores that lock demand it."""

import pytest
from tests.moto_store import Heard, MotoStore

from liferaft.provision.engine.contract import StateLocation
from liferaft.provision.engine.state.storage import Storage
from liferaft.vault import KeyMissing, probe

LARGE = b"x" * (6 * 1024**2)
"""The library sends it in parts."""


def writes(store: MotoStore) -> list[Heard]:
    return [one for one in store.heard if one.is_write]


def test_a_store_that_demands_nothing_is_sent_no_checksum(store: MotoStore) -> None:
    vault = store.vault("plain", "nothing")
    vault.put("large", LARGE)
    assert vault.create("epoch/00000001", b"mine")
    assert {len(one.checksums) for one in writes(store)} == {0}


def test_a_store_that_demands_one_refuses_one_write_of_all(store: MotoStore) -> None:
    vault = store.vault("locked", "all")
    assert vault.create("epoch/00000001", b"mine") is True
    assert vault.create("epoch/00000001", b"theirs") is False
    for number in range(5):
        vault.put(f"runs/{number}", b"x")
    bare, *others = writes(store)
    assert not bare.checksums
    assert {name for one in others for name in one.checksums} == {"x-amz-checksum-sha256"}
    assert len(others) == 7


def test_each_part_of_a_large_object_has_a_checksum_of_its_own(store: MotoStore) -> None:
    vault = store.vault("locked", "parts")
    vault.put("large", LARGE)
    assert vault.get("large") == LARGE
    parts = [one for one in writes(store) if "partNumber" in one.query and one.checksums]
    assert len(parts) == 2


def test_a_store_that_knows_the_oldest_alone_is_sent_that(store: MotoStore) -> None:
    """As a bucket of B2 that locks: it demands one, and refuses the later ones."""
    store.knows_md5_alone = True
    vault = store.vault("locked", "oldest")
    for _ in range(3):
        vault.put("large", LARGE)
    assert vault.create("runs/1", b"x") is True
    assert vault.create("runs/1", b"y") is False
    assert vault.get("large") == LARGE
    sent = [set(one.checksums) for one in writes(store) if "partNumber" not in one.query]
    assert sent[-5:] == [{"content-md5"}] * 5
    vault.delete("large")
    with pytest.raises(KeyMissing):
        vault.get("large")


@pytest.mark.parametrize("knows_md5_alone", [False, True])
def test_a_vault_that_locks_may_witness(store: MotoStore, knows_md5_alone: bool) -> None:
    store.knows_md5_alone = knows_md5_alone
    assert probe(store.vault("locked", "probe")).may_witness


@pytest.mark.parametrize("knows_md5_alone", [False, True])
async def test_the_engines_state_rests_where_writes_are_locked(
    store: MotoStore, knows_md5_alone: bool
) -> None:
    store.knows_md5_alone = knows_md5_alone
    keys = {"access_key_id": "id", "secret_access_key": "key"}
    where = {"endpoint": store.url, "ca_file": str(store.ca_file)}
    place = Storage(StateLocation(f"s3://locked/{knows_md5_alone}/state", {**keys, **where}))
    await place.prepare()
    await place.write("large.json", LARGE)
    await place.write("large.json", LARGE + b"2")
    assert await place.read("large.json") == LARGE + b"2"
    await place.remove("large.json")
    assert await place.read("large.json") is None


def test_objects_are_deleted_one_by_one(store: MotoStore) -> None:
    """B2 refuses the checksum that a list of them would carry, and not every store knows lists."""
    vault = store.vault("plain", "deleted")
    vault.put("a", b"x")
    vault.delete("a")
    assert [one.method for one in store.heard] == ["PUT", "DELETE"]
