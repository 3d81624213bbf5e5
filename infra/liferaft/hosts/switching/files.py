"""What lies in a folder of the workload's files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

COMPOSE = "compose.yaml"
PODMAN = "podman-with-variables"
"""The program that podman-compose takes for podman."""
APP_ENV = "app.env"
ENVIRONMENT = "environment."
"""With APP_ENV the files of what containers are told: all of them, and each service by its name."""


def contents(folder: Path) -> Mapping[str, bytes]:
    """Every file, by its path in the folder."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}


def services(folder: Path) -> Mapping[str, Any]:
    """What the Compose file says of each service."""
    found: Mapping[str, Any] = yaml.safe_load((folder / COMPOSE).read_text())["services"]
    return found


def told(folder: Path) -> list[tuple[str, str]]:
    """What containers are told, each variable with its value."""
    files = [folder / APP_ENV, *folder.glob(f"{ENVIRONMENT}*")]
    lines = "".join(file.read_text() for file in files if file.exists()).splitlines()
    return [(name, value) for name, _, value in (line.partition("=") for line in lines)]


def epoch_of(folder: Path) -> str:
    """The line of the variables that names the epoch: containers of another one must not serve."""
    path = folder / APP_ENV
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line for line in lines if line.startswith("LIFERAFT_EPOCH=")), "")
