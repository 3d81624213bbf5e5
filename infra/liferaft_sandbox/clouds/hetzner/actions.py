"""Actions: work that goes on after the answer, with progress.

https://docs.hetzner.cloud/reference/cloud#actions
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.errors import ApiError, not_found
from liferaft_sandbox.clouds.hetzner.ids import with_id

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST = 0.05
"""Seconds that even the quickest action is seen running, so that clients must wait for it."""


def _is_ready_at_once() -> bool:
    return True


def _do_nothing() -> None:
    return None


@dataclass(frozen=True)
class Stage:
    """Once `ready` holds, `then` happens and the action moves on; an ApiError ends it."""

    ready: Callable[[], bool] = _is_ready_at_once
    then: Callable[[], None] = _do_nothing


@dataclass
class Action:
    id: int
    command: str
    resources: tuple[tuple[str, int], ...]
    stages: tuple[Stage, ...]
    begun: float = field(default_factory=time.monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    finished: datetime | None = None
    passed: int = 0
    error: ApiError | None = None

    @property
    def is_running(self) -> bool:
        return self.finished is None

    def advance(self) -> bool:
        """Pass every stage that is ready. True if one was."""
        if not self.is_running or time.monotonic() - self.begun < SHORTEST:
            return False
        before = self.passed
        try:
            while self.passed < len(self.stages) and self.stages[self.passed].ready():
                self.stages[self.passed].then()
                self.passed += 1
        except ApiError as error:
            self.error = error
        if self.error or self.passed == len(self.stages):
            self.finished = datetime.now(UTC)
        return self.passed > before or self.error is not None

    def show(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "command": self.command,
            "status": "running" if self.is_running else "error" if self.error else "success",
            "progress": 100 * self.passed // len(self.stages),
            "started": self.started.isoformat(timespec="seconds"),
            "finished": self.finished.isoformat(timespec="seconds") if self.finished else None,
            "resources": [{"id": number, "type": kind} for kind, number in self.resources],
            "error": self.error and {"code": self.error.code, "message": self.error.message},
        }


class Actions:
    """Every action of the project, finished ones as well."""

    def __init__(self, next_id: Callable[[], int]) -> None:
        self._next_id = next_id
        self._all: dict[int, Action] = {}

    def start(
        self, command: str, *resources: tuple[str, int], stages: tuple[Stage, ...] = (Stage(),)
    ) -> Action:
        """A running action on the resources (kind and id)."""
        action = Action(self._next_id(), command, resources, stages)
        self._all[action.id] = action
        return action

    def settle(self) -> bool:
        """Let all running actions advance. True if anything happened."""
        moved = [action for action in self._all.values() if action.advance()]
        return bool(moved)

    def is_busy(self, kind: str, number: int) -> bool:
        """Whether an action is still running on the resource."""
        return any(
            action.is_running and (kind, number) in action.resources for action in self.all()
        )

    def all(self) -> list[Action]:
        return list(self._all.values())

    def get(self, number: str) -> Action:
        found = with_id(self._all, number)
        if found is None:
            raise not_found("action", number)
        return found
