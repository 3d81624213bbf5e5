"""A vault that was away is brought all records, and nothing that was claimed is overwritten."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.models.line import Killed, Line, Trouble
from tests.models.several import Several
from tests.models.vault import Absence

from liferaft.vault import EveryVault, KeyMissing, VaultUnavailable, attendance
from liferaft.vault.catching_up import catch_up, records

LONG = 5.0
PIN, RELEASE, EVENT = "pins/east/db-1.json", "epoch-00000001/release.json", "runs/a/000001.json"
SEGMENT = "epoch-00000001/pgbackrest/archive/main/15-1/0000000100000000/000000010000000000000001-a"
STATE = "state/.pulumi/stacks/chirp/east.json"


@pytest.fixture
def several() -> Iterator[Several]:
    found = Several()
    found.command().create("epoch/00000001", b"east")
    found.command().put(PIN, b"old")
    found.command().put("machine-images/east.json", b"image")
    yield found
    for vault in found.raw.values():
        vault.let_go.set()


def away_while(several: Several, name: str = "first") -> None:
    """What a command writes while a vault is away."""
    several.away(name)
    vault = several.command()
    assert vault.create("lease/00000001", b"lease")
    vault.put("lease-renewed/00000001", b"renewed")
    vault.put(PIN, b"new")
    vault.put(RELEASE, b"release")
    assert vault.create(EVENT, b"event")
    vault.delete("machine-images/east.json")
    several.back(name)


def bring(vault: EveryVault) -> dict[str, tuple[str, ...]]:
    """As the end of a run does it."""
    names = tuple(vault.roll.lacking)
    faults = catch_up(vault, names)
    for name in names:
        if not faults[name]:
            vault.forget_away(name)
    return faults


def alike(several: Several) -> bool:
    found = [records(several.alone(name)) for name in several.raw]
    same = all(one == found[0] for one in found)
    return same and all(len(several.everywhere(key)) == 1 for key in found[0])


@pytest.mark.parametrize("dead", ["first", "second"])
def test_what_was_written_and_deleted_meanwhile_is_so_in_both(several: Several, dead: str) -> None:
    away_while(several, dead)
    assert not alike(several)
    assert bring(several.command()) == {dead: ()}
    assert alike(several)
    assert several.everywhere(PIN) == {b"new"}
    assert several.everywhere("machine-images/east.json") == {None}
    assert several.everywhere(f"away/{dead}.json") == {None}
    assert several.command().order == ("first", "second")


def test_a_vault_that_was_emptied_is_filled(several: Several) -> None:
    away_while(several)
    bring(several.command())
    several.empty("first")
    bring(several.command())
    assert alike(several)
    assert several.command().order == ("first", "second")


def test_a_vault_that_was_declared_later_is_filled() -> None:
    one = Several(1)
    one.command().create("epoch/00000001", b"east")
    one.command().put(PIN, b"pin")
    two = Several()
    two.raw["first"] = one.raw["first"]
    bring(two.command())
    assert two.everywhere(PIN) == {b"pin"}


def test_what_hosts_keep_and_the_engines_state_are_left_alone(several: Several) -> None:
    for key in (SEGMENT, STATE, "epoch-00000001/bucket/media/x"):
        several.raw["second"].put(key, b"as it is")
    away_while(several)
    bring(several.command())
    assert several.everywhere(PIN) == {b"new"}
    for key in (SEGMENT, STATE, "epoch-00000001/bucket/media/x"):
        with pytest.raises(KeyMissing):
            several.raw["first"].get(key)


def test_what_another_kind_of_record_may_be_is_brought_too(several: Several) -> None:
    away_while(several)
    several.alone("second").put("epoch-00000001/verified/p.json", b"proof")
    several.alone("second").put("policies/keep.json", b"policy")
    bring(several.command())
    assert several.everywhere("epoch-00000001/verified/p.json") == {b"proof"}
    assert several.everywhere("policies/keep.json") == {b"policy"}


@pytest.mark.parametrize("trouble", list(Trouble))
def test_hit_at_any_request_it_is_run_again_and_ends_well(trouble: Trouble) -> None:
    for at in range(1, 200):
        several = Several()
        several.command().create("epoch/00000001", b"east")
        several.command().put(PIN, b"old")
        several.command().put("machine-images/east.json", b"image")
        away_while(several)
        line = Line(trouble, at)
        with suppress(Killed, VaultUnavailable):
            bring(several.command(line, grace=LONG))
        untroubled = len(line.asked) < at
        for _ in range(2):  # one that lost an answer may have been left out once more
            bring(several.command(grace=LONG))
        assert alike(several), (trouble, at)
        assert several.everywhere("away/first.json") == {None}
        assert several.everywhere("away/second.json") == {None}
        if untroubled:
            return
    pytest.fail("it never ended without trouble")


def test_a_note_stays_where_the_vault_falls_silent_while_it_is_brought(several: Several) -> None:
    away_while(several)
    vault = several.command()
    assert vault.roll.lacking
    several.away("first", Absence.READS_ONLY)
    (why,) = catch_up(vault, ("first",))["first"]
    assert "AccessDenied" in why
    several.back("first")
    assert several.command().order == ("second", "first")


def test_another_epoch_is_told_and_never_overwritten(several: Several) -> None:
    """Somebody claimed it in the vault that was away, and others claimed it too."""
    away_while(several)
    several.alone("first").create("epoch/00000002", b"claimed in the first alone")
    several.alone("second").create("epoch/00000002", b"north")
    faults = bring(several.command())
    assert "epoch/00000002 is another in vault first" in " ".join(faults["first"])
    assert several.alone("first").get("epoch/00000002") == b"claimed in the first alone"
    assert several.command().order == ("second", "first")


def test_an_epoch_that_only_the_vault_has_that_was_away_wins(several: Several) -> None:
    """The higher one always does; what was written since is not lost to what is older there."""
    away_while(several)
    several.alone("first").create("epoch/00000002", b"claimed in the first alone")
    vault = several.command()
    assert vault.order == ("first", "second")
    assert bring(vault) == {"first": (), "second": ()}
    assert several.everywhere("epoch/00000002") == {b"claimed in the first alone"}
    assert several.everywhere(PIN) == {b"new"}


def test_of_two_leases_of_one_number_each_stays_and_stops_nothing(
    several: Several, caplog: pytest.LogCaptureFixture
) -> None:
    several.alone("first").create("lease/00000001", b"theirs")
    away_while(several)
    assert bring(several.command()) == {"first": ()}
    assert several.alone("first").get("lease/00000001") == b"theirs"
    assert several.alone("second").get("lease/00000001") == b"lease"
    assert "Two commands ran at once" in caplog.text
    assert several.command().order == ("first", "second")


def test_events_that_only_the_vault_has_that_was_away_are_kept_for_all(several: Several) -> None:
    """A command was killed between the two."""
    several.alone("first").create("runs/b/000001.json", b"begun")
    several.alone("first").create("lease/00000002", b"killed")
    away_while(several)
    bring(several.command())
    bring(several.command())
    assert several.everywhere("runs/b/000001.json") == {b"begun"}
    assert several.everywhere("lease/00000002") == {b"killed"}
    assert several.command().roll.lacking == {}


def test_where_none_is_complete_both_get_what_the_other_has(several: Several) -> None:
    away_while(several, "second")
    several.away("first")
    several.command().put("pins/east/db-2.json", b"two")
    several.back("first")
    vault = several.command()
    assert set(vault.roll.lacking) == {"first", "second"}
    assert bring(vault) == {"first": (), "second": ()}
    assert several.everywhere("pins/east/db-2.json") == {b"two"}
    assert several.everywhere(EVENT) == {b"event"}
    assert several.command().roll.lacking == {}


def test_a_damaged_record_is_mended_by_the_whole_one(several: Several) -> None:
    away_while(several)
    several.damage("first", "epoch/00000001")
    assert bring(several.command()) == {"first": ()}
    assert several.alone("first").get("epoch/00000001") == b"east"


def test_what_is_damaged_where_it_is_read_from_stops_nothing(several: Several) -> None:
    away_while(several)
    several.damage("second", EVENT)
    assert bring(several.command()) == {"first": ()}
    assert several.everywhere(RELEASE) == {b"release"}


def test_three_vaults_of_which_two_were_away_at_different_times() -> None:
    three = Several(3)
    three.command().create("epoch/00000001", b"east")
    three.command().put(PIN, b"old")
    away_while(three, "third")
    three.away("first")
    three.command().put("pins/east/db-2.json", b"two")
    three.back("first")
    vault = three.command()
    assert vault.order == ("second", "first", "third")
    assert bring(vault) == {"first": (), "third": ()}
    assert alike(three)


def test_a_store_that_lets_nothing_be_deleted_is_complete_again_all_the_same(
    several: Several,
) -> None:
    away_while(several)
    several.command().put("pins/east/db-3.json", b"it has a note of its own from here on")
    several.away("first", Absence.KEEPS_ALL)
    catching = several.command()
    assert "first" in catching.roll.heard["first"].notes
    several.alone("second").put("machine-images/east.json", b"image")
    assert bring(catching) == {"first": ()}
    assert several.command().roll.lacking == {}


# What is told of it


def test_the_attendance_says_what_is_left_and_since_when(several: Several) -> None:
    away_while(several)
    leading, other = attendance(several.command())
    assert (leading.vault, leading.leads, leading.is_complete, leading.left) == (
        *("second", True, True, 0),
    )
    assert (other.vault, other.answers, other.is_complete) == ("first", True, False)
    assert other.left == 4  # a lease, its renewal, a release, an event; the pin has its old size
    assert str(other.away_since).startswith("20")


def test_of_a_silent_vault_nothing_is_known(several: Several) -> None:
    several.away("second")
    leading, other = attendance(several.command())
    assert leading.is_complete
    assert (other.answers, other.is_complete, other.left) == (False, False, None)
    assert "nobody listens" in str(other.why)


def test_looking_writes_nothing(several: Several) -> None:
    several.away("second")
    attendance(several.command())
    assert several.everywhere("away/second.json") == {None}


def test_a_leading_vault_that_dies_meanwhile_leaves_the_note(several: Several) -> None:
    away_while(several)
    vault = several.command()
    assert vault.roll.lacking
    several.away("second")
    assert "nobody listens" in " ".join(catch_up(vault, ("first",))["first"])
    several.back("second")
    assert several.command().order == ("second", "first")
