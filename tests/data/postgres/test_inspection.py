"""What is wrong with a backup, told from where no pgBackRest is."""

from dataclasses import replace

import pytest
from obstore.store import MemoryStore
from tests import kept

from liferaft.data.postgres.inspection import (
    BackupFindings,
    NotANote,
    archive_of,
    inspect_backup,
    opened,
)
from liferaft.recovery.part import Part
from liferaft.vault import CheckedVault, StoredVault

KEY = "the key of the repository"
FOLDER = f"{kept.BACKUP}/{kept.LABEL}"


@pytest.fixture
def vault() -> CheckedVault:
    return CheckedVault(StoredVault("main", MemoryStore()))


@pytest.fixture
def part(vault: CheckedVault) -> Part:
    return kept.backup(vault, KEY)


def keys(damages: tuple[object, ...]) -> list[str]:
    return [str(getattr(damage, "key", damage)) for damage in damages]


def test_a_whole_backup_has_nothing_wrong(vault: CheckedVault, part: Part) -> None:
    assert inspect_backup(vault, part, KEY) == archive_of(vault, part, beyond=True)
    assert not archive_of(vault, part, beyond=False).broken


def test_any_flipped_bit_of_a_note_is_found() -> None:
    sealed = kept.note({"backrest": {"backrest-format": 5}, "db": {"db-id": 1}}, KEY)
    assert opened(sealed, KEY)["db"] == {"db-id": "1"}
    for place in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(NotANote):
            opened(bytes(flipped), KEY)
    with pytest.raises(NotANote):
        opened(sealed, "another key")


@pytest.mark.parametrize(
    "note",
    [f"{kept.ARCHIVE}/archive.info", f"{kept.BACKUP}/backup.info", f"{FOLDER}/backup.manifest"],
)
def test_of_two_notes_one_may_be_damaged_and_the_other_must_not(
    vault: CheckedVault, part: Part, note: str
) -> None:
    vault.raw.put(note, b"Salted__nothing that anybody wrote")
    found = inspect_backup(vault, part, KEY)
    assert (keys(found.broken), keys(found.spared)) == ([], [note])
    vault.delete(f"{note}.copy")
    found = inspect_backup(vault, part, KEY)
    assert (keys(found.broken), found.spared) == ([note, f"{note}.copy"], ())


@pytest.mark.parametrize("name", ["bundle/1", "pg_data/base/1/2.lz4"])
def test_a_file_of_a_backup_that_is_short_or_lost_is_named(
    vault: CheckedVault, part: Part, name: str
) -> None:
    whole = vault.raw.get(f"{FOLDER}/{name}")
    vault.raw.put(f"{FOLDER}/{name}", whole[:-1])
    (short,) = inspect_backup(vault, part, KEY).broken
    assert "bytes" in short.reason
    vault.delete(f"{FOLDER}/{name}")
    (lost,) = inspect_backup(vault, part, KEY).broken
    assert lost.key == f"{FOLDER}/{name}".removesuffix(".lz4")


@pytest.mark.parametrize("beyond", [True, False])
@pytest.mark.parametrize("take", ["delete", "empty"])
def test_wal_that_the_backup_needs_is_missed_by_name(
    vault: CheckedVault, part: Part, beyond: bool, take: str
) -> None:
    if take == "empty":
        vault.raw.put(kept.segment(2), b"")
    else:
        vault.delete(kept.segment(2))
    found = archive_of(vault, part, beyond=beyond)
    assert [key.rpartition("/")[2] for key in keys(found.broken)] == [kept.SEGMENTS[2]]
    assert keys(found.spared) == ([kept.segment(2)] if take == "empty" else [])


def test_a_hole_in_later_wal_is_told_and_no_reason_to_stop(vault: CheckedVault, part: Part) -> None:
    vault.delete(kept.segment(3))
    found = archive_of(vault, part, beyond=True)
    assert not found.broken
    assert [key.rpartition("/")[2] for key in found.holes] == [kept.SEGMENTS[3]]


def test_wal_before_the_backup_is_nobodys_need(vault: CheckedVault, part: Part) -> None:
    vault.delete(kept.segment(0))
    assert archive_of(vault, part, beyond=True) == archive_of(vault, part, beyond=False)


def test_damage_of_a_backup_that_another_one_rests_on_is_its_own(
    vault: CheckedVault, part: Part
) -> None:
    later = f"{kept.LABEL}_20261122-150000I"
    file = {"size": 99, "repo-size": 60, "bni": 1, "bno": 40, "reference": kept.LABEL}
    manifest: kept.Note = {"target:file": {"pg_data/base/1/1": file}}
    for ending in ("", ".copy"):
        key = f"{kept.BACKUP}/{later}/backup.manifest{ending}"
        vault.raw.put(key, kept.note(manifest, kept.INNER))
    increment = replace(part, facts={**part.facts, "labels": {vault.name: later}})
    assert inspect_backup(vault, increment, KEY) == BackupFindings()
    vault.delete(f"{FOLDER}/bundle/1")
    assert keys(inspect_backup(vault, increment, KEY).broken) == [f"{FOLDER}/bundle/1"]
