"""What each story visits and does; how it ends on real hosts is for the rehearsal's tests."""

import itertools
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from liferaft.failures import BadInput
from liferaft_sandbox.addresses import VAULT_SERVICES
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.rehearsal.scene import CLOUD_OF, PAIRS, USUAL, Pair
from liferaft_sandbox.rehearsal.stage import Stage
from liferaft_sandbox.rehearsal.stories import (
    DYING_VAULTS,
    PRIMARY,
    STORIES,
    Story,
    be_quiet,
    sites,
    story_named,
    visited,
)

if TYPE_CHECKING:
    from liferaft_sandbox.rehearsal.operator import Operator
    from liferaft_sandbox.sandboxes import Sandbox


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


class World:
    """Vaults that die and come back, and an operator to whom all is told as it is."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.commands: list[tuple[str, ...]] = []
        self.kill = self.cut = self.gone.add
        self.revive = self.mend = self.gone.discard
        sandbox = SimpleNamespace(supervisor=self, facts={"vaults": VAULT_SERVICES})
        self.stage = Stage(
            cast("Sandbox", sandbox), cast("Operator", self), Path(), say=lambda _: None
        )

    def run(self, *command: str) -> str:
        self.commands.append(command)
        return ""

    def ask(self, *command: str) -> object:
        there = {name: name not in self.gone for name in VAULT_SERVICES}
        return {
            "vaults": [
                {"vault": name, "answers": well, "is_complete": well}
                for name, well in there.items()
            ]
        }


@pytest.mark.parametrize("story", DYING_VAULTS.values(), ids=list(DYING_VAULTS))
def test_one_vault_is_gone_when_its_cloud_falls_and_is_brought_what_it_lacks_in_the_end(
    story: Story,
) -> None:
    (chapter,) = story.chapters
    world = World()
    for act in chapter.acts:
        if act is not be_quiet:
            act(world.stage, "aws-east")
    for vault in chapter.silent:
        world.cut(vault)
    assert len(world.gone) == 1
    world.commands.clear()
    for act in chapter.afterwards:
        act(world.stage, "hetzner")
    assert world.gone == set()
    assert world.commands == [("snapshot", "--yes")]


def test_a_dead_vault_that_is_told_as_answering_ends_the_rehearsal() -> None:
    world = World()
    world.kill = lambda _: None
    _, kill, _ = DYING_VAULTS["main-dead"].chapters[0].acts
    with pytest.raises(SandboxFailed, match="main"):
        kill(world.stage, "aws-east")


def test_an_unknown_story_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(BadInput) as refused:
        story_named("happily")
    assert all(name in refused.value.facts.do for name in STORIES)
