"""The application and its vault, for plans with a bucket."""

from tests.application import *  # noqa: F403 - what a test asks for by its name
