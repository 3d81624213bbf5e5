"""Connections that are older than the rules of a drill."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from tests.data.conftest import PATIENCE, Lab
from tests.hosts.isolation.conftest import ALLOWED, Shut

from liferaft.hosts.isolation.isolating import is_isolated, isolate
from liferaft.remote.waiting import wait_until

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
]
# Nothing follows connections in a host without rules: none of the two is known when they come.
AT_THE_SSH_PORT = """
import pathlib, socket, time
listening = socket.create_server(("10.99.0.11", 22))
said, _ = listening.accept()
pathlib.Path("/run/taken").touch()
while not pathlib.Path("/run/go-on").exists():
    time.sleep(0.1)
said.sendall(b"done")
"""
"""As an SSH server tells how a command ended: it says something before the operator does."""
FROM_OUTSIDE = """
until exec 3<>/dev/tcp/10.99.0.11/22; do sleep 0.1; done 2>/dev/null
timeout 60 head -c 4 <&3
"""
FROM_HOST = """
exec 3<>/dev/tcp/10.99.0.1/8333
touch /run/open
until [ -e /run/go-on ]; do sleep 0.1; done
printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 || true
timeout 5 head -c 12 <&3 || true
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new(laboratory: Lab) -> AsyncIterator[Shut]:
    """Not shut yet."""
    yield Shut(laboratory.hosts["one"], laboratory)


async def test_the_operators_connection_goes_on_and_a_call_of_the_host_does_not(new: Shut) -> None:
    host = new.host
    await host.run("systemctl stop ssh.socket ssh.service || true")
    assert "table" not in await host.text("nft list ruleset")
    listening = asyncio.create_task(host.run(["python3", "-c", AT_THE_SSH_PORT]))
    outside = asyncio.create_task(new.from_outside(FROM_OUTSIDE))
    calling = asyncio.create_task(host.run(FROM_HOST))

    async def are_open() -> bool:
        done = await host.run("test -e /run/open && test -e /run/taken", check=False)
        return done.exit_code == 0

    assert await wait_until(are_open, seconds=PATIENCE)
    await isolate(host, ALLOWED)
    assert await is_isolated(host, ALLOWED)
    await host.run(["touch", "/run/go-on"])
    assert await outside == "done"
    await listening
    assert (await calling).text == "", "an object store that may not be called says nothing"
