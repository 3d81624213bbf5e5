"""The application and its vault, for its jobs."""

from tests.application import *  # noqa: F403 - what a test asks for by its name
