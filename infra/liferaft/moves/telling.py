"""What a step that waits says meanwhile: what for, and what it sees.

The runner listens for each of its steps; outside a run nobody does, and nothing is lost.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from liferaft.failures import Failure

EVERY_SECONDS = 5.0
"""A wait is silent for no longer than this."""

_listener: ContextVar[Callable[[str], None]] = ContextVar("listener", default=lambda _: None)


def heard_by(listener: Callable[[str], None]) -> None:
    """From now on `listener` gets what this task, and those that it starts, tell."""
    _listener.set(listener)


def tell(seen: str) -> None:
    """Say once, now."""
    _listener.get()(seen)


@asynccontextmanager
async def telling(seen: Callable[[], str | Awaitable[str]]) -> AsyncIterator[None]:
    """While the block runs, tell what `seen` returns, every EVERY_SECONDS.

    It is asked apart from whatever the block awaits: a question that hangs is told as well.
    """
    task = asyncio.create_task(_told(seen))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _told(seen: Callable[[], str | Awaitable[str]]) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            said = seen()
            tell(said if isinstance(said, str) else await said)
        except Failure as failure:  # the wait's own end says what it means
            tell(failure.facts.happened)
