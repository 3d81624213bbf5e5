"""Public addresses come from the simulated cloud's own range, not from moto's dice."""

from __future__ import annotations

import ipaddress
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from moto.ec2.models import elastic_ip_addresses, elastic_network_interfaces
from moto.ec2.utils import random_ip, random_public_ip

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST = ipaddress.IPv4Address("192.0.2.100")
LAST = ipaddress.IPv4Address("192.0.2.254")

_pool: ContextVar[Pool | None] = ContextVar("public address pool", default=None)


class Pool:
    """Hands out free addresses in turn, so that a freed one is not reused at once.

    `in_use` answers with every address that is taken at that moment.
    """

    def __init__(self, in_use: Callable[[], set[str]]) -> None:
        self._in_use = in_use
        self._last = LAST

    def take(self) -> str:
        """The next free address; AddressLimitExceeded when all are taken."""
        taken = self._in_use()
        candidate = self._last
        for _ in range(int(LAST) - int(FIRST) + 1):
            candidate = FIRST if candidate == LAST else candidate + 1
            if str(candidate) not in taken:
                self._last = candidate
                return str(candidate)
        raise AwsError("AddressLimitExceeded", "The maximum number of addresses has been reached.")

    @contextmanager
    def serve(self) -> Iterator[None]:
        """While this lasts, moto in this thread draws from this pool."""
        token = _pool.set(self)
        try:
            yield
        finally:
            _pool.reset(token)


def _from_pool(otherwise: Callable[[], str]) -> Callable[[], str]:
    def draw() -> str:
        pool = _pool.get()
        return pool.take() if pool else otherwise()

    return draw


# moto has no setting for this: both functions are replaced where moto looks them up, and do
# what they did for every other user of moto in the process.
for _module, _name, _dice in (
    (elastic_ip_addresses, "random_ip", random_ip),
    (elastic_network_interfaces, "random_public_ip", random_public_ip),
):
    setattr(_module, _name, _from_pool(_dice))
