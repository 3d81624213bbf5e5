"""The page about the contract says what the suite does."""

from pathlib import Path

from tests.contract.page import COMMAND, page, themes
from tests.contract.worlds.known import MODEL, WORLDS

from liferaft.clouds.registry import CLOUDS

PAGE = Path(__file__).parents[2] / "docs" / "contract.md"


def test_the_page_lists_the_behaviours_and_the_clouds_of_the_suite() -> None:
    """A page that is out of date: python -m tests.contract.page >docs/contract.md"""
    assert PAGE.read_text() == page()


def test_every_cloud_is_held_to_the_contract() -> None:
    assert set(WORLDS) == {*CLOUDS, MODEL}


def test_each_theme_has_behaviours_and_the_command_runs_them_all() -> None:
    assert all(behaviours for _, behaviours in themes().values())
    assert COMMAND in page()
