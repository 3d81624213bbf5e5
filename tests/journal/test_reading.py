"""Objects that are read side by side, over a vault that takes its time."""

import time
from itertools import islice
from typing import cast

import pytest

from liferaft.journal.reading import LANES, read_each
from liferaft.vault import Damaged, KeyMissing, Vault, VaultUnavailable

SECONDS = 0.1


class FarAway:
    """A vault that is a round trip of SECONDS away. What `fails` names does."""

    def __init__(self, **fails: Exception) -> None:
        self.fails = fails
        self.asked: list[str] = []

    def get(self, key: str) -> bytes:
        self.asked.append(key)
        time.sleep(SECONDS)
        if key in self.fails:
            raise self.fails[key]
        return key.encode()


KEYS = [f"k{number}" for number in range(3 * LANES)]


def test_many_objects_take_few_round_trips_and_come_in_order() -> None:
    began = time.monotonic()
    found = list(read_each(cast("Vault", FarAway()), KEYS))
    assert found == [key.encode() for key in KEYS]
    assert time.monotonic() - began < SECONDS * len(KEYS) / 2


def test_an_object_that_is_damaged_or_gone_hides_no_other() -> None:
    damage, gone = Damaged("main", "k1", "it is short"), KeyMissing("main", "k3")
    found = list(read_each(cast("Vault", FarAway(k1=damage, k3=gone)), KEYS[:5]))
    assert found == [b"k0", damage, b"k2", gone, b"k4"]


def test_a_vault_that_does_not_answer_is_told() -> None:
    silent = FarAway(k2=VaultUnavailable("main", "reading k2", "no answer"))
    with pytest.raises(VaultUnavailable):
        list(read_each(cast("Vault", silent), KEYS))


def test_whoever_has_found_what_he_looks_for_has_not_read_everything() -> None:
    vault = FarAway()
    assert list(islice(read_each(cast("Vault", vault), KEYS), 1)) == [b"k0"]
    assert len(vault.asked) <= LANES
