"""What is made of what users lost."""

from dataclasses import replace
from typing import Any

import pytest
from benchmarks.terminations import Write, summary, told

ENDED = 1000.0
EARLY = Write(id=1, lsn=100, at=980.0, stored=979.9, key="a")
LATE = Write(id=2, lsn=300, at=995.0, stored=994.9, key="b")
WITHOUT = Write(id=3, lsn=310, at=996.0, stored=996.0, key="")


def end(rows: set[int], keys: set[str], *, archived: int = 200) -> dict[str, Any]:
    return told([EARLY, LATE, WITHOUT], rows, keys, ended=ENDED, archived=archived)


def test_the_age_of_the_oldest_lost_write_is_what_counts() -> None:
    found = end({1}, {"a"})
    assert (found["lost"], found["rpo_seconds"], found["broken"]) == (2, 5.0, [])
    assert end({1, 2, 3}, {"a", "b"})["rpo_seconds"] == 0.0


def test_a_lost_row_of_an_archived_segment_breaks_the_promise() -> None:
    (broken,) = end({1, 3}, {"a"}, archived=300)["broken"]
    assert "row 2" in broken


def test_a_lost_object_breaks_it_only_when_a_surviving_row_names_it_and_it_was_old() -> None:
    (broken,) = end({1, 2, 3}, {"b"})["broken"]
    assert "object a" in broken
    assert end({2, 3}, {"b"}, archived=50)["objects_lost"] == 0, "nothing names it"
    young = told([replace(LATE, stored=996.0)], {2}, set(), ended=ENDED, archived=0)
    assert (young["objects_lost"], young["broken"]) == (1, [])


@pytest.mark.parametrize(("late", "is_broken"), [(1, False), (2, True)])
def test_of_twenty_terminations_one_may_lose_more_than_fifteen_seconds(
    late: int, is_broken: bool
) -> None:
    one = end({1}, {"a"})
    ends = [{**one, "rpo_seconds": 16.0}] * late + [one] * (20 - late)
    assert bool(summary("light", 1, ends)["broken"]) == is_broken


def test_users_who_wrote_nothing_show_nothing() -> None:
    (broken,) = told([], set(), set(), ended=ENDED, archived=0)["broken"]
    assert "no write was acknowledged" in broken
    nameless = told([WITHOUT], {3}, set(), ended=ENDED, archived=0)
    assert "nothing is shown of objects" in summary("light", 1, [nameless])["broken"][0]
