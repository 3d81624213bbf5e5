"""Some people at once, at a bounded rate, until somebody stops them."""

import asyncio
import contextlib
import random
import signal
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .browser import Browser, Clock, trusting
from .person import Person
from .records import Records

BETWEEN_COMERS = 0.7
"""Seconds. Hashing a new password is slow on purpose: all at once, they would be the whole load."""

SLOW_USERS = 2
BREATH_SECONDS = 0.2
"""Between two requests of somebody with a slow line: also what bounds them while they fail."""


@dataclass(frozen=True)
class Load:
    """What the crowd does to the application."""

    base: str
    resolvers: Sequence[str]
    """Each user asks one of them, in turn."""
    ca_file: Path | None
    users: int
    """At least requests_per_second times CONNECT_SECONDS, or they all wait at a dead address at
    once and nobody sees the change: with 6 at 8 requests/s, up to 0.9 s passed between requests."""
    requests_per_second: float
    """Of all users together: also how finely a change is seen."""
    seconds: float
    """When the crowd goes home by itself."""
    seed: int
    spread: float = 0.0
    """Seconds within which the first users of the resolvers come, one resolver after the other:
    with the records' TTL, the resolvers' caches are of all ages, as they are in the world."""

    slow_line: bool = False
    """The last SLOW_USERS do nothing but show pictures over slow lines, and wait for nobody's turn:
    an upload is under way at nearly every moment."""

    def comes(self, number: int) -> float:
        """Seconds after the start when a user comes in."""
        turn, resolver = divmod(number, len(self.resolvers))
        return resolver * self.spread / len(self.resolvers) + turn * BETWEEN_COMERS


class Turns:
    """Hands out moments at a fixed distance; one that nobody took is not made up for."""

    def __init__(self, per_second: float) -> None:
        self._distance = 1 / per_second
        self._next = 0.0

    async def wait(self) -> None:
        """Returns at this caller's moment. Callers are served in the order they came."""
        now = asyncio.get_running_loop().time()
        moment = max(now, self._next)
        self._next = moment + self._distance
        await asyncio.sleep(moment - now)


async def run(load: Load, out: Path) -> None:
    """Ends at SIGTERM, SIGINT or after `load.seconds`; every record is durable on return."""
    stopped = asyncio.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(ending, stopped.set)
    turns, clock, trust = Turns(load.requests_per_second), Clock(), trusting(load.ca_file)
    async with contextlib.AsyncExitStack() as open_things:
        records = await open_things.enter_async_context(Records(out))
        people = []
        for number in range(load.users):
            resolver = load.resolvers[number % len(load.resolvers)]
            slow = load.slow_line and number >= load.users - SLOW_USERS
            browser = Browser(load.base, resolver, trust, clock, slow=slow)
            await open_things.enter_async_context(browser)
            chance = random.Random(f"{load.seed}/{number}")  # noqa: S311  # a rehearsal is repeatable
            name = f"user{number}"
            people.append(Person(name, browser, records, turns.wait, chance, only_pictures=slow))
        acting = [
            asyncio.create_task(_come(person, load.comes(number)))
            for number, person in enumerate(people)
        ]
        await _first_of(stopped, acting, load.seconds)


async def _breath() -> None:
    await asyncio.sleep(BREATH_SECONDS)


async def _come(person: Person, after: float) -> None:
    await asyncio.sleep(after)
    await person.act_for_ever()


async def _first_of(
    stopped: asyncio.Event, acting: Sequence[asyncio.Task[None]], seconds: float
) -> None:
    """Waits for the end; a person who fails by our mistake ends the crowd, loudly."""
    stop = asyncio.create_task(stopped.wait())
    try:
        done, _ = await asyncio.wait(
            {stop, *acting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
    finally:
        await cancel_all((stop, *acting))
    for task in done:
        task.result()


async def cancel_all(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Nobody acts any more when this returns; what they were failing with is swallowed.

    They are told until they hear it: `asyncio.wait_for` of Python 3.11 forgets a cancellation that
    comes in the moment in which what it waits for is done (bpo-37658), and a lookup waits so.
    """
    pending: Collection[asyncio.Task[Any]] = tasks
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=BREATH_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
