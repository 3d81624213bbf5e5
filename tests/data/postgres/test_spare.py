"""Which backups and which WAL nothing needs any more."""

import pytest

from liferaft.data.postgres.spare import chain_of, spare_backups, surplus_of
from liferaft.data.surplus import Needs
from liferaft.recovery.part import Part
from liferaft.vault import CheckedVault

ONE, TWO, THREE = (f"2026112{day}-000000F" for day in (1, 2, 3))
DIFF = f"{ONE}_20261121-060000D"
INCR = f"{ONE}_20261121-070000I"
LATER = f"{ONE}_20261121-080000I"
ALL = (ONE, DIFF, INCR, LATER, TWO, THREE)
ARCHIVE = "epoch-00000001/pgbackrest/archive/main/15-1/0000000100000000"


@pytest.mark.parametrize(
    ("label", "chain"),
    [
        (ONE, {ONE}),
        (DIFF, {ONE, DIFF}),
        (INCR, {ONE, DIFF, INCR}),
        (LATER, {ONE, DIFF, INCR, LATER}),
        ("no label at all", {"no label at all"}),
    ],
)
def test_a_backup_is_restored_from_its_full_one_and_what_lies_between(
    label: str, chain: set[str]
) -> None:
    assert chain_of(label, ALL) == chain


def test_a_full_backup_stays_while_one_that_depends_on_it_does() -> None:
    assert spare_backups(ALL, [DIFF, THREE], is_over=False) == (TWO, LATER, INCR)


def test_dependents_go_before_what_they_depend_on() -> None:
    spare = spare_backups(ALL, [THREE], is_over=False)
    assert spare.index(LATER) < spare.index(INCR) < spare.index(DIFF) < spare.index(ONE)


def test_what_is_newer_than_all_that_is_needed_may_be_of_a_point_that_is_being_taken() -> None:
    assert spare_backups(ALL, [TWO], is_over=False) == (LATER, INCR, DIFF, ONE)
    assert THREE in spare_backups(ALL, [TWO], is_over=True)


def test_without_a_point_nothing_of_the_reign_that_lasts_goes() -> None:
    assert spare_backups(ALL, [], is_over=False) == ()


def test_of_an_earlier_reign_without_a_point_the_newest_full_one_stays() -> None:
    """pgBackRest would refuse to take it."""
    assert spare_backups(ALL, [], is_over=True) == (TWO, LATER, INCR, DIFF, ONE)


def test_a_backup_that_is_needed_and_not_there_makes_no_other_one_needed() -> None:
    assert spare_backups([ONE, TWO], [THREE], is_over=True) == (ONE,)


def part(label: str, start: str = "", *, epoch: int = 1) -> Part:
    facts = {"labels": {"main": label}} | ({"archive_start": start} if start else {})
    return Part("postgres", "db", epoch, "2026-11-22T14:00:00Z", 1, facts)


def needs(*parts: Part, is_over: bool = False, reads_on: bool = False) -> Needs:
    return Needs(1, parts, is_over=is_over, is_settled=True, reads_on=reads_on)


@pytest.fixture
def archive(vault: CheckedVault) -> CheckedVault:
    """Two backups, and a segment of WAL before each and after them."""
    for label in (ONE, TWO):
        for name in ("backup.manifest", "bundle/1"):
            vault.raw.put(f"epoch-00000001/pgbackrest/backup/main/{label}/{name}", b"1234567890")
    vault.raw.put("epoch-00000001/pgbackrest/backup/main/backup.info", b"its own")
    for number in range(1, 6):
        vault.raw.put(f"{ARCHIVE}/{'0' * 7}1{number:016X}-{'a' * 40}.lz4", b"123")
    return vault


def segment(number: int) -> str:
    return f"{'0' * 7}1{number:016X}"


def test_a_plan_says_what_goes_and_what_it_takes(archive: CheckedVault) -> None:
    (found,) = surplus_of(archive, needs(part(TWO, segment(4))))
    assert found.names == (ONE,)
    assert (found.size, found.archive, found.before) == (20, 9, segment(4))


def test_wal_of_a_reign_that_an_earlier_points_restore_reads_through_stays(
    archive: CheckedVault,
) -> None:
    (found,) = surplus_of(archive, needs(part(TWO, segment(4)), reads_on=True))
    assert found.archive == 0


def test_wal_stays_from_the_oldest_of_the_points_on(archive: CheckedVault) -> None:
    (found,) = surplus_of(archive, needs(part(TWO, segment(4)), part(ONE, segment(2))))
    assert found.names == ()
    assert found.archive == 3


@pytest.mark.parametrize(
    "unknown", [part(TWO), Part("postgres", "db", 1, "2026-11-22T14:00:00Z", 1)]
)
def test_where_a_point_does_not_say_what_it_needs_its_wal_stays(
    archive: CheckedVault, unknown: Part
) -> None:
    found = surplus_of(archive, needs(unknown, part(TWO, segment(4))))
    assert all(one.archive == 0 for one in found)


def test_where_a_point_does_not_say_which_backup_is_its_own_all_stay(
    archive: CheckedVault,
) -> None:
    old = Part("postgres", "db", 1, "2026-11-22T14:00:00Z", 1)
    assert surplus_of(archive, needs(old, part(TWO, segment(4)))) == ()


def test_points_of_other_reigns_say_nothing_of_this_ones_backups(archive: CheckedVault) -> None:
    assert surplus_of(archive, needs(part(TWO, segment(4), epoch=2))) == ()


def test_an_archive_with_nothing_to_spare_is_no_work(archive: CheckedVault) -> None:
    assert surplus_of(archive, needs(part(ONE, segment(1)), part(TWO, segment(4)))) == ()
