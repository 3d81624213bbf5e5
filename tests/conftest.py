"""What is so for every run of the tests: the order, and what is printed at the end."""

import gc
from pathlib import Path

import pytest
from tests.contract.table import Table

pytest_plugins = ["tests.provision.engine.real_cli", "tests.models.fixtures"]
FOLDER = Path(__file__).parent
LONGEST = ("rehearsal", "data")
"""Folders whose files take minutes. Begun last, they would be waited for by one process alone."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*declared): kinds and abilities that a test is about")
    config.pluginmanager.register(Table())


def pytest_sessionstart() -> None:
    """What is imported and collected stays: nothing of it is garbage to be looked for."""
    gc.disable()


def pytest_collection_finish() -> None:
    """From here on it is looked for, more seldom than programs need that live for long."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, then what needs real hosts: files are dealt out in this order."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("sandbox") is None:
        return len(LONGEST) + 1
    folder = item.path.relative_to(FOLDER).parts[0]
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)
