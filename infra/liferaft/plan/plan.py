"""A plan: a graph of steps, built without touching anything."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from liferaft.plan.inputs import Inputs
from liferaft.plan.step import Step


@dataclass(frozen=True)
class Plan:
    """The steps of one move towards one site.

    Attributes:
        move: `deploy`, `failover`, `snapshot`, `image`, `destroy` or `clear`.
        inputs: the facts from which the plan was built, journaled first, so that a resume builds
            the same graph from them and never from fresh facts.
    """

    move: str
    inputs: Inputs
    steps: tuple[Step, ...]

    @property
    def site(self) -> str:
        """The site that the move makes or changes."""
        return self.inputs.site

    @property
    def epoch(self) -> int:
        """The epoch under which everything is written once the move is through."""
        return self.inputs.epoch

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        twice = {name for name in names if names.count(name) > 1}
        missing = {need for step in self.steps for need in step.needs} - set(names)
        if twice or missing:
            raise ValueError(f"plan {self.move}: named twice {twice}, needed but absent {missing}")
        try:
            self.order()
        except CycleError as error:
            raise ValueError(f"plan {self.move} waits for itself: {error.args[1]}") from error

    def order(self) -> list[Step]:
        """The steps, each after all that it needs."""
        by_name = {step.name: step for step in self.steps}
        graph = {step.name: step.needs for step in self.steps}
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]

    def digest(self) -> str:
        """Hex SHA-256 over everything that will be done: equal digests are equal plans."""
        rows = [
            {
                "name": step.name,
                "action": type(step.action).__name__,
                "arguments": _arguments(step.action),
                "needs": sorted(step.needs),
            }
            for step in sorted(self.steps, key=lambda step: step.name)
        ]
        text = json.dumps([self.move, self.site, self.epoch, rows], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def levels(self) -> list[list[Step]]:
        """The steps in waves: a wave holds what may start once all earlier waves are through."""
        depth: dict[str, int] = {}
        waves: list[list[Step]] = []
        for step in self.order():
            level = 1 + max((depth[need] for need in step.needs), default=-1)
            depth[step.name] = level
            if level == len(waves):
                waves.append([])
            waves[level].append(step)
        return waves


def _arguments(action: object) -> dict[str, Any]:
    if not dataclasses.is_dataclass(action) or isinstance(action, type):
        raise TypeError(f"an action is a frozen dataclass, not {type(action).__name__}")
    return dataclasses.asdict(action)
