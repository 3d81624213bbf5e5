"""The chain of steps that decided how long a run took."""

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from typing import Protocol


class Node(Protocol):
    """What a path needs to know of a step."""

    @property
    def name(self) -> str: ...

    @property
    def needs(self) -> tuple[str, ...]: ...


def critical_path(
    steps: Iterable[Node], seconds: Mapping[str, float]
) -> tuple[float, tuple[str, ...]]:
    """The longest chain of needs by measured seconds: its length, and its steps in order.

    Steps without a measure count as zero: they were not run.
    """
    best: dict[str, tuple[float, tuple[str, ...]]] = {}
    by_name = {step.name: step for step in steps}
    graph = {name: step.needs for name, step in by_name.items()}
    for name in TopologicalSorter(graph).static_order():
        before = max((best[need] for need in by_name[name].needs), default=(0.0, ()))
        best[name] = (before[0] + seconds.get(name, 0.0), (*before[1], name))
    return max(best.values(), default=(0.0, ()))
