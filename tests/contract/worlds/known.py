"""The simulated clouds that the contract suite runs against, by name."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.contract.worlds.aws import aws_world
from tests.contract.worlds.gcp import gcp_world
from tests.contract.worlds.hetzner import hetzner_world
from tests.contract.worlds.model import model_world
from tests.contract.worlds.ssh import ssh_world
from tests.contract.worlds.world import World

MODEL = "model"
"""No cloud of anybody's: it stands for one in other tests, and is held to the same."""
WORLDS: dict[str, Callable[[Path], AbstractContextManager[World]]] = {
    "aws": aws_world,
    "gcp": gcp_world,
    "hetzner": hetzner_world,
    MODEL: model_world,
    "ssh": ssh_world,
}
