"""The simulated clouds, each started once."""

import secrets
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from tests.contract.home import HURRY, Home
from tests.contract.worlds.known import WORLDS
from tests.contract.worlds.live import LiveWorld
from tests.contract.worlds.world import World

from liferaft.clouds.kinds import KINDS


@pytest.fixture(scope="session", params=sorted(WORLDS))
def control_plane(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Started once: what tests make there is told apart by their owners."""
    with WORLDS[request.param](tmp_path_factory.mktemp(request.param)) as world:
        yield world


@pytest.fixture
def world(control_plane: World) -> Iterator[World]:
    """A reliable line and an account in good standing at the start of every test."""
    yield control_plane
    control_plane.mend()
    control_plane.clear()


@pytest.fixture
def public_key() -> str:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    openssh = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return openssh.decode()


@pytest.fixture
def app(control_plane: World) -> str:
    """An app of this test alone: nobody resets the account in between, but for a real one."""
    if isinstance(control_plane, LiveWorld):
        return control_plane.app
    return f"chirp-{secrets.token_hex(4)}"


@pytest.fixture
def home(world: World, public_key: str, app: str) -> Home:
    mark = world.mark if isinstance(world, LiveWorld) else ""
    return Home(world.open(HURRY), public_key, app, mark=mark)


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)
