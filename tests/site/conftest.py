"""The application that the moves are tested with, and its site."""

from tests.moves.conftest import config, configured, has_point, reigns, vault, wide, world

__all__ = ["config", "configured", "has_point", "reigns", "vault", "wide", "world"]
