"""Who leads: the first that answers and is not known to lack something."""

from threading import Event

import pytest
from tests.models.several import Several

from liferaft.vault import EpochChain, EpochRecord, KeyMissing, NumberedChain, layout

AT = "2026-11-29T14:00:00Z"


def test_the_first_that_is_not_known_to_lack_something_leads(three: Several) -> None:
    three.away("first")
    three.command().put("pins/east/db-1.json", b"new")
    three.back("first")
    vault = three.command()
    assert vault.get("pins/east/db-1.json") == b"new"
    assert vault.order == ("second", "third", "first")


def test_a_vault_that_comes_back_is_written_to_and_not_read_from(several: Several) -> None:
    several.command().put("pins/east/db-1.json", b"old")
    several.away("first")
    several.command().put("pins/east/db-1.json", b"new")
    several.back("first")
    vault = several.command()
    vault.put("machine-images/east.json", b"image")
    assert several.alone("first").get("machine-images/east.json") == b"image"
    assert vault.get("pins/east/db-1.json") == b"new"


def test_a_vault_that_comes_back_knows_by_itself_that_it_lacks_something(several: Several) -> None:
    several.away("first")
    several.command().put("pins/east/db-1.json", b"new")
    several.back("first")
    several.command().put("machine-images/east.json", b"image")
    several.away("second")
    assert several.command().roll.is_complete is False


@pytest.mark.parametrize("chain", [layout.EPOCHS, layout.LEASES])
def test_a_vault_that_comes_back_with_less_does_not_lead(several: Several, chain: str) -> None:
    for number in (1, 2):
        assert NumberedChain(several.command(), chain).append(number, str(number).encode())
    several.empty("first")
    vault = several.command()
    assert vault.order == ("second", "first")
    assert NumberedChain(vault, chain).highest() == 2


def test_whoever_knows_a_higher_epoch_leads_though_it_was_away(several: Several) -> None:
    EpochChain(several.command()).claim(EpochRecord(1, "east", "run-1", AT))
    several.away("second")
    EpochChain(several.command()).claim(EpochRecord(2, "north", "run-2", AT))
    several.back("second")
    several.away("first")
    several.command().put("pins/east/db-1.json", b"pin")  # by somebody who cannot know better
    several.back("first")
    current = EpochChain(several.command()).current()
    assert current is not None
    assert current.epoch == 2


def test_while_none_is_complete_what_any_of_them_has_is_found(several: Several) -> None:
    several.away("second")
    several.command().put("pins/east/db-1.json", b"one")
    several.back("second")
    several.away("first")
    several.command().put("pins/east/db-2.json", b"two")
    several.back("first")
    vault = several.command()
    assert not vault.roll.is_complete
    assert vault.list("pins") == ("pins/east/db-1.json", "pins/east/db-2.json")
    assert vault.get("pins/east/db-1.json") == b"one"
    assert vault.get("pins/east/db-2.json") == b"two"
    with pytest.raises(KeyMissing):
        vault.get("pins/east/db-3.json")


def test_two_commands_with_different_views_meet_at_the_lease(several: Several) -> None:
    """One sees the second vault alone and holds the lease there; the other sees both."""
    several.away("first")
    assert NumberedChain(several.command(), layout.LEASES).append(1, b"theirs")
    several.back("first")
    chain = NumberedChain(several.command(), layout.LEASES)
    assert chain.highest() == 1
    assert chain.get(1).body == b"theirs"


def test_a_lease_that_is_taken_just_now_makes_no_vault_incomplete(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The leading vault was asked before another command's claim, the second one after it."""
    first, second = several.raw["first"], several.raw["second"]
    listed, asked = {"first": first.list, "second": second.list}, Event()

    def before(prefix: str = "") -> tuple[str, ...]:
        found = listed["first"](prefix)
        if prefix == layout.LEASES and not asked.is_set():
            for name in several.raw:
                several.alone(name).create("lease/00000001", b"theirs")
            asked.set()
        return found

    def after(prefix: str = "") -> tuple[str, ...]:
        asked.wait(60.0)
        return listed["second"](prefix)

    monkeypatch.setattr(first, "list", before)
    monkeypatch.setattr(second, "list", after)
    assert several.command().roll.lacking == {}
