"""Eventual consistency at every cloud: a question right after a creation may say "not found"."""

from dataclasses import replace
from functools import partial
from operator import eq

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.world import World

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # some ten seconds for each cloud


@pytest.fixture
def home(world: World, public_key: str, app: str) -> Home:
    """Looks for what it made as long as it takes: a busy machine asks slowly."""
    return Home(world.open(replace(HURRY, settle=60)), public_key, app)


def test_a_thing_that_is_unknown_right_after_its_creation_is_not_made_twice(
    world: World, home: Home, kind: str
) -> None:
    spec = home.spec(kind)
    world.lag(kind, reads=2)
    made = home.things(kind).create(spec, home.owner(kind))
    assert home.things(kind).create(spec, home.owner(kind)) == made
    world.mend()
    assert home.things(kind).read(made.id) == made
    assert len(home.things(kind).owned_by(app=home.app)) == 1


def test_a_lost_answer_about_a_thing_that_is_still_unknown_makes_no_second_one(
    world: World, home: Home, kind: str
) -> None:
    spec = home.spec(kind)
    world.lag(kind, reads=2)
    world.lose(partial(eq, 1))
    made = home.things(kind).create(spec, home.owner(kind))
    world.mend()
    assert home.things(kind).read(made.id) == made
    assert len(home.things(kind).owned_by(app=home.app)) == 1
