"""A step: one action of a move, as data that can be shown, compared, run and run again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from liferaft.site.world import World


class Action(Protocol):
    """What a step does. Implementations are frozen dataclasses whose fields are plain JSON values.

    The fields, and nothing else, say what will be done: two equal actions are the same work, so a
    plan has a digest and a resumed run can tell that it continues the plan which was agreed to.
    """

    async def holds(self, world: "World") -> bool:
        """Whether the goal already holds, by looking at the world and never at the journal."""
        ...

    async def apply(self, world: "World") -> Mapping[str, Any]:
        """Reach the goal. Safe to call again after a kill at any point.

        Returns facts for the journal and the report (plain JSON, no secrets).
        """
        ...

    async def prove(self, world: "World") -> None:
        """Raise a Failure unless the goal holds, seen by another path than `apply`'s own word."""
        ...


@dataclass(frozen=True)
class Step:
    """One node of a plan.

    Attributes:
        name: unique in its plan, the key in journals and reports (`restore-db`).
        sentence: what a person reads before and while it runs.
        action: what is done.
        needs: names of the steps that come first.
        deadline: seconds that all of holds, apply and prove may take.
        point_of_no_return: before this step a run can be aborted, after it only finished.
        after: what a person has to know is true once this step is through: where users are led
            to, who reigns. Said when a later step fails.
        until: what is true as long as this step was not begun.
    """

    name: str
    sentence: str
    action: Action
    needs: tuple[str, ...] = ()
    deadline: float = 120.0
    point_of_no_return: bool = field(default=False)
    after: str = ""
    until: str = ""
