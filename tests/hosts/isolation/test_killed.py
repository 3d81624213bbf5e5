"""A run that dies while it shuts a host leaves one that says it is open, or one that is shut."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from tests.data.conftest import Lab, LocalHost
from tests.hosts.isolation.conftest import ALLOWED, Shut

from liferaft.hosts.isolation.isolating import is_isolated, isolate
from liferaft.remote.contract import Completed, Host

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.proof,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="module"),
]
AS_NEW = """
systemctl disable --now liferaft-drill liferaft-gate 2>/dev/null || true
rm -rf /etc/liferaft/drill /etc/systemd/system/liferaft-* /usr/lib/liferaft/liferaft-gate
rm -rf /etc/systemd/system/nftables.service.d
systemctl daemon-reload
nft delete table inet liferaft_drill 2>/dev/null || true
"""


class RunDied(Exception):
    """The run is gone: nothing that it would have done comes."""


@dataclass
class Dying:
    """A host on which a run dies after one of its requests."""

    host: LocalHost
    at: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.host.address

    async def run(self, command: Any, **how: Any) -> Completed:
        await self._request(str(command)[:80])
        done = await self.host.run(command, **how)
        self._answer()
        return done

    async def put(self, path: str, content: bytes, **how: Any) -> None:
        await self._request(path)
        await self.host.put(path, content, **how)
        self._answer()

    async def _request(self, what: str) -> None:
        if self.at and len(self.asked) >= self.at:
            raise RunDied(what)
        self.asked.append(what)

    def _answer(self) -> None:
        if len(self.asked) == self.at:
            raise RunDied(self.asked[-1])

    async def get(self, path: str) -> bytes:
        raise NotImplementedError(path)

    async def wait(self, command: Any, **how: Any) -> Completed:
        raise NotImplementedError(command, how)

    async def close(self) -> None:
        """Nothing is open."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shut(laboratory: Lab) -> AsyncIterator[Shut]:
    yield Shut(laboratory.hosts["one"], laboratory)


async def is_open(shut: Shut) -> bool:
    """A call outside is not turned away: nobody takes it, as nobody is there."""
    script = "timeout 0.5 bash -c 'echo >/dev/tcp/192.88.1.1/443'"
    return (await shut.host.run(script, check=False)).exit_code == 124  # ended by timeout(1)


async def test_wherever_a_run_dies_the_host_is_open_and_says_so_or_it_is_shut(shut: Shut) -> None:
    await shut.host.run(AS_NEW)
    assert await is_open(shut)
    whole = Dying(shut.host)
    await isolate(as_host(whole), ALLOWED)
    assert await is_isolated(shut.host, ALLOWED)
    assert not await is_open(shut)
    wrong = []
    for at in range(1, len(whole.asked) + 1):
        await shut.host.run(AS_NEW)
        assert await is_open(shut)
        with pytest.raises(RunDied) as died:
            await isolate(as_host(Dying(shut.host, at)), ALLOWED)
        if await is_isolated(shut.host, ALLOWED) and await is_open(shut):
            wrong.append(f"{died.value}: open, and said to be shut")
        await isolate(shut.host, ALLOWED)
        if not await is_isolated(shut.host, ALLOWED) or await is_open(shut):
            wrong.append(f"{died.value}: the next run does not shut it")
    assert not wrong, "\n".join(wrong)


def as_host(dying: Dying) -> Host:
    return dying
