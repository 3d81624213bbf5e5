"""liferaft.toml, read with the kinds of data that there are."""

from pathlib import Path

from liferaft import config
from liferaft.data.registry import configs


def load(path: Path) -> config.Config:
    """As every command reads it."""
    return config.load(path, configs())
