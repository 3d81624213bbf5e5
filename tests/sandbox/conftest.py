"""What tests of all simulated control planes share, and those of whole sandboxes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sandbox.door import Door
from tests.sandbox.inside import Key, leftovers, new_key, state_in

from liferaft_sandbox.clouds.control_plane import http_server
from liferaft_sandbox.sandboxes import Sandbox, bring_up, take_down
from liferaft_sandbox.state import cache_folder


@pytest.fixture(scope="session")
def door() -> Iterator[tuple[Door, str]]:
    door = Door()
    server = http_server("127.0.0.1", 0, door)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield door, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=60)
    server.server_close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the states of a file's sandboxes are."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    return new_key(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def sandbox(request: pytest.FixtureRequest, home: Path) -> Iterator[Sandbox]:
    """One for all tests of a file, called as its SANDBOX says. Nothing of it is left in the end."""
    state = state_in(home, request.module.SANDBOX)
    yield bring_up(state, cache=cache_folder(), say=print)
    take_down(state)
    assert leftovers(state) == []
