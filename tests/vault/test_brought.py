"""Servers say that they have brought a vault all that it lacked: what holds of that, and when."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.models.several import Several
from tests.models.vault import Absence

from liferaft.vault import attendance
from liferaft.vault.brought import BroughtSince, digest_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PIN, NOTE = "pins/east/db-1.json", "away/first.json"


def absent(several: Several) -> None:
    """The first vault was away while a command wrote."""
    several.command().create("epoch/00000001", b"east")
    several.away("first")
    several.command().put(PIN, b"new")
    several.back("first")


def say(several: Several, *, is_whole: bool, at: str = "second") -> None:
    """As servers do, in the vault that has the note."""
    there = several.alone(at)
    body = {
        "vault": "first",
        "note": digest_of(there.get(NOTE)),
        "at": NOW.isoformat(),
        "told": [],
        "is_whole": is_whole,
    }
    there.put("brought/first.json", json.dumps(body).encode())


def test_a_vault_that_servers_brought_everything_leads_again(several: Several) -> None:
    absent(several)
    assert several.command().order == ("second", "first")
    several.alone("first").put(PIN, b"new")
    say(several, is_whole=True)
    command = several.command()
    assert command.order == ("first", "second")
    assert all(one.is_complete for one in attendance(command))


def test_while_servers_bring_it_status_is_told_how_far_they_are(several: Several) -> None:
    absent(several)
    say(several, is_whole=False)
    lacking = next(one for one in attendance(several.command()) if not one.is_complete)
    assert (lacking.vault, lacking.left) == ("first", 1)
    assert lacking.brought is not None
    assert lacking.brought.is_fresh(NOW)


@pytest.mark.parametrize("absence", [Absence.UNREACHABLE, Absence.READS_ONLY])
def test_what_fails_since_is_not_covered_by_what_servers_said_before(
    several: Several, absence: Absence
) -> None:
    """Their word comes late: what a command noted anew in between stays."""
    absent(several)
    before = digest_of(several.alone("second").get(NOTE))
    several.away("first", absence)
    several.command().put(PIN, b"newer")
    several.back("first")
    body = {"vault": "first", "note": before, "at": "", "told": [], "is_whole": True}
    several.alone("second").put("brought/first.json", json.dumps(body).encode())
    assert several.command().order == ("second", "first")


def test_a_command_that_was_under_way_notes_what_fails_although_it_knew_of_the_absence(
    several: Several,
) -> None:
    absent(several)
    command = several.command()
    assert command.roll.lacking
    several.alone("first").put(PIN, b"new")
    say(several, is_whole=True)
    several.away("first", Absence.READS_ONLY)
    command.put(PIN, b"newer")
    several.back("first")
    assert several.command().order == ("second", "first")


def test_since_when_a_vault_lacks_something_stays_however_often_it_fails(several: Several) -> None:
    absent(several)
    since = several.command().roll.lacking["first"].since
    several.away("first")
    several.command().put(PIN, b"newer")
    several.back("first")
    assert several.command().roll.lacking["first"].since == since


@pytest.mark.parametrize("said", [b"", b"[]", b"{}", b'{"vault": "first", "is_whole": true}'])
def test_a_word_that_cannot_be_read_is_none(several: Several, said: bytes) -> None:
    absent(several)
    several.alone("second").put("brought/first.json", said)
    assert several.command().order == ("second", "first")


def test_the_word_of_one_vault_covers_no_note_of_another(several: Several) -> None:
    """The vault itself says that it is whole; the one that was there says nothing of it."""
    absent(several)
    several.alone("first").put(NOTE, several.alone("second").get(NOTE))
    say(several, is_whole=True, at="first")
    assert several.command().order == ("second", "first")


def test_servers_that_look_no_more_are_told_from_those_that_do() -> None:
    said = BroughtSince("first", "x", NOW.isoformat())
    assert said.is_fresh(NOW + timedelta(minutes=30))
    assert not said.is_fresh(NOW + timedelta(hours=2))
    assert not BroughtSince("first", "x", "no moment").is_fresh(NOW)
