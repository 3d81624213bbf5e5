"""Lets steps start, so many at once, until something failed or an end was asked for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Stopped(Exception):
    """Nothing new is started any more; the text says why."""


class Gate:
    def __init__(self, parallel: int) -> None:
        self._room = asyncio.Semaphore(parallel)
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self.reason = ""
        """Why it is shut; empty while it is open."""

    def shut(self, reason: str) -> None:
        """From now on nothing new starts; the first reason stays."""
        self.reason = self.reason or reason

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """Inside, a step may work; raises `Stopped` instead when the gate is shut."""
        async with self._room:
            self.check()
            self._inside += 1
            self._empty.clear()
            try:
                yield
            finally:
                self._inside -= 1
                if not self._inside:
                    self._empty.set()

    def check(self) -> None:
        """Raises `Stopped` when the gate was shut since a step came in: it has not begun yet."""
        if self.reason:
            raise Stopped(self.reason)

    async def wait_until_idle(self) -> None:
        """Returns when no step is under way. Each step has its own deadline."""
        await self._empty.wait()
