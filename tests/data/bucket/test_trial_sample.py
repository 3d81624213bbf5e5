"""What a sample of a bucket on trial has found: what lacks fails the drill, by name and by sort."""

from collections.abc import Mapping
from typing import Any

import pytest

from liferaft.data.bucket.trial_sample import ObjectsLack, require_whole


def came(**found: Mapping[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = {"of": 40, "read": 30, "rows_unread": ""}
    for sort in ("missing", "underway", "other"):
        names = found.get(sort, {})
        told |= {sort: names, f"{sort}_count": len(names)}
    return told


def test_a_sample_in_which_nothing_lacks_is_well() -> None:
    require_whole("media", came())


def test_what_is_missing_and_what_is_on_its_way_are_told_apart() -> None:
    found = came(missing={"a.png": "no vault has it"}, underway={"b.png": "a vault has it"})
    with pytest.raises(ObjectsLack) as raised:
        require_whole("media", found)
    said = raised.value.facts.happened
    assert "1 are MISSING: 'a.png' (no vault has it)" in said
    assert "1 were still on their way: 'b.png' (a vault has it)" in said
    assert raised.value.facts.details["objects"] == "'a.png', 'b.png'"


def test_an_object_that_is_another_fails_it_too() -> None:
    with pytest.raises(ObjectsLack, match=r"not what vaults have of them: 'a\.png'"):
        require_whole("media", came(other={"a.png": "it is no version"}))


def test_rows_that_could_not_be_asked_prove_nothing() -> None:
    with pytest.raises(ObjectsLack, match=r"could not be asked \(no such table\)"):
        require_whole("media", {**came(), "rows_unread": "no such table"})
