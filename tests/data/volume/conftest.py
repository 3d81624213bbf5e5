"""The application and its vault, for plans with a volume."""

from collections.abc import Callable

import pytest
from tests.application import *  # noqa: F403 - what a test asks for by its name

from liferaft.config import Config

FILES = '[data.files]\nkind = "volume"\nvolume = "files"\n[data.media]'


@pytest.fixture
def with_files(configured: Callable[..., Config]) -> Config:
    """The application with a volume on its one app server."""
    return configured(("[data.media]", FILES))
