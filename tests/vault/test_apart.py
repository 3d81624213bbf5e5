"""A vault that a drill may only read, and writes to all the same."""

import pytest
from obstore.store import MemoryStore

from liferaft.vault import CheckedVault, EpochChain, EpochRecord, KeyMissing, StoredVault
from liferaft.vault.apart import ApartVault


@pytest.fixture
def real() -> StoredVault:
    return StoredVault("main", MemoryStore())


@pytest.fixture
def seen(real: StoredVault) -> CheckedVault:
    return CheckedVault(ApartVault(real))


def bytes_of(real: StoredVault) -> dict[str, bytes]:
    return {key: real.get(key) for key in real.list()}


def test_nothing_that_is_done_there_changes_a_byte_of_the_vault(
    real: StoredVault, seen: CheckedVault
) -> None:
    kept = CheckedVault(real)
    for key in ("runs/1/000001.json", "pins/north/db-1.json", "epoch-00000001/secrets.age"):
        kept.put(key, b"kept")
    before = bytes_of(real)
    seen.put("runs/1/000001.json", b"another")
    seen.put("new", b"new")
    assert seen.create("newer", b"new")
    seen.delete("pins/north/db-1.json")
    assert bytes_of(real) == before


def test_what_is_written_there_is_read_there(real: StoredVault, seen: CheckedVault) -> None:
    CheckedVault(real).put("pins/north/db-1.json", b"kept")
    CheckedVault(real).put("pins/north/app-1.json", b"kept")
    seen.put("pins/north/db-1.json", b"another")
    seen.delete("pins/north/app-1.json")
    seen.put("pins/east/db-1.json", b"new")
    assert seen.get("pins/north/db-1.json") == b"another"
    with pytest.raises(KeyMissing):
        seen.get("pins/north/app-1.json")
    assert seen.list("pins") == ("pins/east/db-1.json", "pins/north/db-1.json")
    assert seen.level("pins").folders == ("pins/east", "pins/north")
    assert [one.key for one in seen.level("pins/north").objects] == ["pins/north/db-1.json"]


def test_an_epoch_that_is_taken_there_is_taken_by_nobody(
    real: StoredVault, seen: CheckedVault
) -> None:
    first = EpochRecord(1, "east", "run", "2026-11-29T09:14:00+00:00")
    EpochChain(CheckedVault(real)).claim(first)
    EpochChain(seen).claim(EpochRecord(2, "north-drill", "drill", "2026-11-29T09:15:00+00:00"))
    current = EpochChain(seen).current()
    assert current is not None
    assert current.site == "north-drill"
    assert EpochChain(CheckedVault(real)).current() == first


def test_what_servers_bring_into_the_vault_meanwhile_is_seen(
    real: StoredVault, seen: CheckedVault
) -> None:
    seen.put("epoch-00000002/note", b"own")
    real.put("epoch-00000001/pgbackrest/archive/main/17-1/00", b"wal")
    assert seen.stored("epoch-00000001/pgbackrest/archive/main/17-1/00") == b"wal"
    newest = seen.newest("epoch-00000001/pgbackrest/archive/main")
    assert newest is not None
    assert newest.key.endswith("/00")
