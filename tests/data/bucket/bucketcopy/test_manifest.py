"""What the host knows of a folder of the vault survives whatever becomes of the host's programs."""

from pathlib import Path

import pytest

from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.sealing import Seal

SEAL = Seal("the-password", "the-salt")
FOLDER = "app/epoch-00000001/bucket/media/"
ONE, TWO, THREE = (SEAL.name(key, "1") for key in ("one", "two", "three"))
NEWER = SEAL.name("one", "2")


def named(*names: str) -> list[tuple[str, int | None, float | None]]:
    return [(name, None, None) for name in names]


def test_a_listing_of_the_vault_is_known_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    Manifest(FOLDER, path).replace(named(ONE, TWO), until=0, now=5.0)
    again = Manifest(FOLDER, path)
    assert (len(again), again.listed) == (2, 5.0)
    again.begin()
    assert again.sees(ONE)
    assert not again.sees(NEWER)
    assert [one.name for one in again.unseen()] == [TWO]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_came_while_a_listing_was_read_is_not_missing_from_it() -> None:
    held = Manifest(FOLDER)
    held.replace(named(ONE), until=0, now=1.0)
    held.begin()
    held.add(TWO)
    assert [one.name for one in held.unseen()] == [ONE]
    last = held.last
    held.add(THREE)
    held.replace(named(ONE), until=last, now=2.0)
    held.begin()
    assert (held.sees(TWO), held.sees(THREE)) == (False, True), "three was put after the listing"


def test_one_object_in_two_versions_is_seen_by_either() -> None:
    held = Manifest(FOLDER)
    held.replace(named(ONE, NEWER), until=0, now=1.0)
    held.begin()
    assert held.sees(NEWER)
    (old,) = held.unseen()
    assert old.name == ONE
    assert held.has_seen(ONE)


def test_what_is_seen_again_was_not_missed() -> None:
    held = Manifest(FOLDER)
    held.replace(named(ONE), until=0, now=1.0)
    held.begin()
    held.note_missed([one.id for one in held.unseen()], 7)
    held.begin()
    assert [one.missed for one in held.unseen()] == [7]
    held.begin()
    held.sees(ONE)
    held.begin()
    assert [one.missed for one in held.unseen()] == [None]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 500])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "manifest"
    first = Manifest(FOLDER, path)
    first.replace(named(ONE), until=0, now=5.0)
    first.close()
    path.write_bytes(content)
    again = Manifest(FOLDER, path)
    assert (len(again), again.listed) == (0, 0.0), "so the vault is listed"


def test_a_flipped_page_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    names = [SEAL.name(f"{number}", "1") for number in range(2000)]
    first = Manifest(FOLDER, path)
    first.replace(named(*names), until=0, now=5.0)
    first.close()
    body = bytearray(path.read_bytes())
    body[len(body) // 2 : len(body) // 2 + 4096] = bytes(4096)
    path.write_bytes(body)
    assert len(Manifest(FOLDER, path)) in (0, 2000)


def test_another_epoch_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    Manifest(FOLDER, path).replace(named(ONE), until=0, now=5.0)
    assert len(Manifest(FOLDER.replace("01", "02"), path)) == 0
    assert len(Manifest(FOLDER, path)) == 0


def test_many_versions_take_little_of_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    held = Manifest(FOLDER, path)
    held.replace(named(*(SEAL.name(f"{n}", "1") for n in range(20_000))), until=0, now=1.0)
    held.close()
    assert path.stat().st_size < 150 * 20_000
