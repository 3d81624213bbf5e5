"""What each story visits and does; how it ends on real hosts is for the rehearsal's tests."""

import itertools

import pytest

from liferaft.failures import BadInput
from liferaft_sandbox.rehearsal.scene import CLOUD_OF, PAIRS, USUAL, Pair
from liferaft_sandbox.rehearsal.stories import (
    PRIMARY,
    STORIES,
    be_quiet,
    sites,
    story_named,
    visited,
)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_third_site_is_neither_of_the_pair(pair: Pair) -> None:
    found = sites(pair)
    assert found[:2] == (pair.primary, pair.standby)
    assert len(set(found)) == 3
    assert set(found) <= set(CLOUD_OF)


@pytest.mark.parametrize("name", STORIES)
def test_no_chapter_fails_over_to_the_site_that_has_just_fallen(name: str) -> None:
    places = [PRIMARY, *(chapter.to for chapter in STORIES[name].chapters)]
    assert all(here != there for here, there in itertools.pairwise(places))


def test_what_comes_back_to_its_first_site_visits_it_once() -> None:
    assert visited(STORIES["back"], USUAL) == (USUAL.primary, USUAL.standby)
    assert len(visited(STORIES["second"], USUAL)) == 3


@pytest.mark.parametrize("name", ["deploy", "second", "reboot", "restart", "vault"])
def test_what_touched_the_database_or_its_archive_is_left_alone_until_its_cloud_falls(
    name: str,
) -> None:
    assert STORIES[name].chapters[-1].acts[-1] is be_quiet


def test_an_unknown_story_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(BadInput) as refused:
        story_named("happily")
    assert all(name in refused.value.facts.do for name in STORIES)
