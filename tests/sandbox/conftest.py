"""What tests of all simulated control planes share."""

import threading
from collections.abc import Iterator

import pytest
from tests.sandbox.door import Door

from liferaft_sandbox.clouds.control_plane import http_server


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
