"""What a step that waits says meanwhile: what for, and what it sees.

The runner listens for each of its steps; outside a run nobody does, and nothing is lost.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from liferaft.failures import Failure

EVERY_SECONDS = 5.0
"""A wait is silent for no longer than this."""

TOLD = "told"
"""A fact by which `apply` says what a person has to know though nothing failed: sentences."""


@dataclass
class _Ear:
    listener: Callable[[str], None]
    heard: int = 0
    """How often something was told."""


_ear: ContextVar[_Ear] = ContextVar("ear", default=_Ear(lambda _: None))  # noqa: B039  # deaf


def heard_by(listener: Callable[[str], None]) -> None:
    """From now on `listener` gets what this task, and those that it starts, tell."""
    _ear.set(_Ear(listener))


def tell(seen: str) -> None:
    """Say once, now."""
    ear = _ear.get()
    ear.heard += 1
    ear.listener(seen)


@asynccontextmanager
async def tell_meanwhile(seen: Callable[[], str | Awaitable[str]]) -> AsyncIterator[None]:
    """While the block runs, tell what `seen` returns, every EVERY_SECONDS.

    It is asked apart from whatever the block awaits: a question that hangs is told as well.
    """
    async with _meanwhile(_keep_telling(seen)):
        yield


@asynccontextmanager
async def never_silent(otherwise: Callable[[], str]) -> AsyncIterator[None]:
    """While the block runs, tell what `otherwise` returns after every EVERY_SECONDS in which
    nothing else was told."""
    async with _meanwhile(_keep_telling_otherwise(otherwise)):
        yield


@asynccontextmanager
async def _meanwhile(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_telling(seen: Callable[[], str | Awaitable[str]]) -> None:
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            said = seen()
            tell(said if isinstance(said, str) else await said)
        except Failure as failure:  # the wait's own end says what it means
            tell(failure.facts.happened)


async def _keep_telling_otherwise(otherwise: Callable[[], str]) -> None:
    ear = _ear.get()
    while True:
        before = ear.heard
        await asyncio.sleep(EVERY_SECONDS)
        if ear.heard == before:
            tell(otherwise())
