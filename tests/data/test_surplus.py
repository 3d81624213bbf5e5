"""Objects that no part names."""

import json
from typing import Any

import pytest
from obstore.store import MemoryStore

from liferaft.data.surplus import Needs, Surplus, keys_named, unnamed_objects
from liferaft.recovery.part import Part
from liferaft.vault import CheckedVault, StoredVault

IMAGES = "epoch-00000001/images"


@pytest.fixture
def vault() -> CheckedVault:
    vault = CheckedVault(StoredVault("main", MemoryStore()))
    for name in ("in-use", "older", "oldest"):
        vault.raw.put(f"{IMAGES}/{name}", b"12345")
    return vault


def part(epoch: int = 1, **facts: Any) -> Part:
    return Part("image", "chirp", epoch, "2026-11-22T14:00:00Z", 5, facts)


def of(*parts: Part) -> Needs:
    return Needs(1, parts, is_over=False, is_settled=True, reads_on=False)


@pytest.mark.parametrize(
    "facts",
    [
        {"stored": {f"{IMAGES}/in-use": "digest"}},
        {"stored": {"main": {f"{IMAGES}/in-use": "digest"}, "second": {}}},
        {"key": f"{IMAGES}/in-use"},
        {"keys": [f"{IMAGES}/in-use"]},
    ],
)
def test_wherever_a_part_names_an_object_it_stays(
    vault: CheckedVault, facts: dict[str, Any]
) -> None:
    (found,) = unnamed_objects(vault, "image", "images", of(part(**facts)))
    assert found == Surplus("image", "main", 1, (f"{IMAGES}/older", f"{IMAGES}/oldest"), 10)


def test_where_a_part_names_nothing_all_stays(vault: CheckedVault) -> None:
    """As by versions that did not note it."""
    named = part(stored={f"{IMAGES}/in-use": "digest"})
    assert unnamed_objects(vault, "image", "images", of(named, part(digest="d"))) == ()


def test_a_part_of_another_reign_may_name_what_lies_here(vault: CheckedVault) -> None:
    here = part(stored={f"{IMAGES}/in-use": "digest"})
    there = part(2, stored={f"{IMAGES}/older": "digest"})
    (found,) = unnamed_objects(vault, "image", "images", of(here, there))
    assert found.names == (f"{IMAGES}/oldest",)


def test_digests_and_dates_are_no_keys() -> None:
    assert keys_named([part(digest="e" * 64, at="2026", number=7, nothing=None)]) == frozenset()


def test_what_goes_survives_the_journal() -> None:
    one = Surplus("postgres", "main", 2, ("20261129-000001F",), 7, 3)
    assert Surplus.from_json(json.loads(json.dumps(one.to_json()))) == one
