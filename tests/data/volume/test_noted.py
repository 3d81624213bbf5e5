"""What is lost of a volume whose server is gone is known by the vault alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from liferaft.data.volume.noted import noted_until
from liferaft.data.volume.volumekeeping.kept import KeptVolume

if TYPE_CHECKING:
    from liferaft.vault import Vault

FOLDER = "epoch-00000001/volume/files"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def note(vault: Vault, moment: datetime, body: bytes) -> None:
    vault.put(KeptVolume(FOLDER, moment, "a" * 64).key, body)


def test_nothing_is_known_of_what_was_never_kept(vault: Vault) -> None:
    assert noted_until(vault, 1, "files") is None


def test_it_is_the_last_look_that_found_nothing_new(vault: Vault) -> None:
    last = NOON + timedelta(hours=3)
    note(vault, NOON - timedelta(hours=1), json.dumps({"until": NOON.isoformat()}).encode())
    note(vault, NOON, json.dumps({"until": last.isoformat()}).encode())
    assert noted_until(vault, 1, "files") == last
    assert noted_until(vault, 2, "files") is None
    assert noted_until(vault, 1, "file") is None


def test_a_note_that_cannot_be_read_says_by_its_name_what_it_can(vault: Vault) -> None:
    note(vault, NOON, b"\xff")
    assert noted_until(vault, 1, "files") == NOON
