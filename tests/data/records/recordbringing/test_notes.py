"""Commands read what servers note of a vault that lacks something."""

import json
from datetime import UTC, datetime

from tests.models.vault import VaultModel

from liferaft.data.records.recordbringing import notes
from liferaft.vault import CheckedVault
from liferaft.vault.away import UNKNOWN, read_notes


def test_a_note_of_an_absence_that_servers_found_is_read_by_commands() -> None:
    vault = VaultModel()
    vault.put(notes.away("first"), notes.absence("first", "it lacks a point"))
    note = read_notes(CheckedVault(vault)).away["first"]
    assert (note.since, note.why) == (UNKNOWN, "it lacks a point")


def test_what_is_said_of_a_vault_is_read_by_commands() -> None:
    vault = VaultModel()
    checked = CheckedVault(vault)
    vault.put(notes.away("first"), notes.absence("first", "why"))
    note = notes.digest_of(checked.get(notes.away("first")))
    at = datetime(2026, 11, 30, tzinfo=UTC)
    said = notes.word("first", note, at=at, told=("no room",), is_whole=False)
    vault.put(notes.brought("first"), said)
    brought = read_notes(checked).brought["first"]
    assert (brought.at, brought.told) == (at.isoformat(), ("no room",))
    vault.put(notes.brought("first"), notes.word("first", note, at=at, told=(), is_whole=True))
    assert not read_notes(checked).away


def test_a_word_covers_the_very_note_that_it_is_about_and_no_other() -> None:
    said = json.dumps({"note": notes.digest_of(b"note"), "is_whole": True}).encode()
    assert notes.covers(said, b"note")
    assert not notes.covers(said, b"another")
    assert not notes.covers(b"[]", b"note")
    assert not notes.is_over(b"no note")
