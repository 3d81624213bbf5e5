"""Milestones of a move, on which rooms hang their steps: a move knows the order, not who is there.

A step says after which milestone it may begin, and which later ones wait for it. Which steps of a
plan mean that a milestone is reached, the move says (`Reached`).
"""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from liferaft.plan.step import Step


class Milestone(IntEnum):
    """In the order in which a move reaches them. Not every move has all of them."""

    RESERVED = 1
    """Network, address and buckets of the site exist."""
    SERVERS = 2
    """Its servers boot."""
    EQUIPPED = 3
    """A server is trusted and has its packages."""
    HOLDING = 4
    """Users see the holding page, over TLS."""
    FENCED = 5
    """The epoch is this site's: the point of no return of a failover."""
    WRITABLE = 6
    """The application's data takes writes."""
    SERVING = 7
    """The application was started."""
    PROVED = 8
    """The application is well, as users see it."""


WAITING: Final = frozenset(
    {
        Milestone.HOLDING,
        Milestone.FENCED,
        Milestone.WRITABLE,
        Milestone.SERVING,
        Milestone.PROVED,
    }
)
"""Those that a step can hold up. A move that has one of them at its beginning waits for nobody."""


@dataclass(frozen=True)
class Hung:
    """A step and its place in a move.

    Attributes:
        step: its `needs` are steps of the same room; those of the skeleton are added.
        after: the milestone that it waits for.
        before: the milestones that wait for it.
        server: the one whose EQUIPPED it waits for, and whose SERVING waits for it; empty where
            that of all servers is meant.
    """

    step: Step
    after: Milestone
    before: tuple[Milestone, ...] = ()
    server: str = ""

    def __post_init__(self) -> None:
        if hasty := set(self.before) - WAITING:
            raise ValueError(f"step {self.step.name}: nothing waits at {hasty}")


Reached = Callable[[Milestone, str], tuple[str, ...]]
"""Names of the steps by which a milestone is reached, on a server or (empty) altogether."""


@dataclass(frozen=True)
class Hanging:
    """What rooms hang on the milestones of one plan."""

    hung: tuple[Hung, ...]

    def before(self, milestone: Milestone, server: str = "") -> tuple[str, ...]:
        """Names of the steps that a milestone waits for, on a server or altogether."""
        return tuple(
            one.step.name
            for one in self.hung
            if milestone in one.before and (not one.server or not server or one.server == server)
        )

    def steps(self, reached: Reached, *milestones: Milestone) -> tuple[Step, ...]:
        """The steps that wait for one of these milestones (none given: all), with what they need
        of the skeleton."""
        return tuple(_placed(self._of(milestones), reached))

    def _of(self, milestones: tuple[Milestone, ...]) -> Iterable[Hung]:
        return (one for one in self.hung if not milestones or one.after in milestones)


def _placed(hung: Iterable[Hung], reached: Reached) -> Iterable[Step]:
    for one in hung:
        needs = dict.fromkeys((*reached(one.after, one.server), *one.step.needs))
        yield dataclasses.replace(one.step, needs=tuple(needs))
