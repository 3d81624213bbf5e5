"""Operations: work that goes on after the answer.

https://cloud.google.com/compute/docs/reference/rest/v1/globalOperations
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import ApiError, not_found
from liferaft_sandbox.clouds.gcp.links import link

if TYPE_CHECKING:
    from collections.abc import Callable

SHORTEST = 0.05
"""Seconds that even the quickest operation is seen unfinished, so that clients must wait for it."""


def now() -> str:
    """The time as Compute Engine writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def is_ready_at_once() -> bool:
    return True


def do_nothing() -> None:
    return None


@dataclass
class Operation:
    """Once `ready` holds, `then` happens and it is done. An ApiError out of `then` or `ready` is
    the operation's error."""

    path: str
    id: str
    type: str
    target: str
    target_id: str
    user: str
    ready: Callable[[], bool]
    then: Callable[[], None]
    begun: float = field(default_factory=time.monotonic)
    inserted: str = field(default_factory=now)
    started: str = ""
    ended: str = ""
    error: ApiError | None = None

    @property
    def is_running(self) -> bool:
        return not self.ended

    def advance(self) -> bool:
        """Finish if it can. True if it did."""
        if not self.is_running or time.monotonic() - self.begun < SHORTEST:
            return False
        self.started = self.started or now()
        try:
            if not self.ready():
                return False
            self.then()
        except ApiError as error:
            self.error = error
        self.ended = now()
        return True

    def show(self) -> dict[str, Any]:
        scope, _, _ = self.path.partition("/operations/")
        place = scope.split("/")[2]
        shown: dict[str, Any] = {
            "kind": "compute#operation",
            "id": self.id,
            "name": self.path.rpartition("/")[2],
            "operationType": self.type,
            "targetLink": link(self.target),
            "targetId": self.target_id,
            "status": "DONE" if self.ended else "RUNNING" if self.started else "PENDING",
            "user": self.user,
            "progress": 100 if self.ended else 0,
            "insertTime": self.inserted,
            "selfLink": link(self.path),
        }
        if place in {"zones", "regions"}:
            shown[place.removesuffix("s")] = link(scope)
        if self.started:
            shown["startTime"] = self.started
        if self.ended:
            shown["endTime"] = self.ended
        if self.error:
            entry = {"code": self.error.code, "message": self.error.message}
            status = HTTPStatus(self.error.status)
            shown["error"] = {"errors": [entry]}
            shown["httpErrorStatusCode"] = status.value
            shown["httpErrorMessage"] = status.phrase.upper()
        return shown


class Operations:
    """All of the project's, finished ones as well, by path."""

    def __init__(self, next_id: Callable[[], str]) -> None:
        self._next_id = next_id
        self._all: dict[str, Operation] = {}

    def start(
        self,
        scope: str,
        operation_type: str,
        target: tuple[str, str],
        *,
        user: str,
        ready: Callable[[], bool] = is_ready_at_once,
        then: Callable[[], None] = do_nothing,
    ) -> Operation:
        """A pending one in `scope` (a path) on the target (its path and id)."""
        name = f"operation-{int(time.time() * 1000)}-{secrets.token_hex(6)}-{secrets.token_hex(4)}"
        operation = Operation(
            path=f"{scope}/operations/{name}",
            id=self._next_id(),
            type=operation_type,
            target=target[0],
            target_id=target[1],
            user=user,
            ready=ready,
            then=then,
        )
        self._all[operation.path] = operation
        return operation

    def settle(self) -> bool:
        """Let all running ones advance. True if anything happened."""
        moved = [operation for operation in list(self._all.values()) if operation.advance()]
        return bool(moved)

    def get(self, path: str) -> Operation:
        """Also by its number; raises ApiError."""
        scope, _, key = path.rpartition("/")
        for operation in self._all.values():
            if operation.path == path or (
                operation.id == key and operation.path.startswith(f"{scope}/")
            ):
                return operation
        raise not_found(path)

    def delete(self, path: str) -> None:
        del self._all[self.get(path).path]

    def within(self, scope: str) -> list[Operation]:
        """Right in a scope, or in all scopes of a project."""
        base = f"{scope}/" if scope.count("/") == 1 else f"{scope}/operations/"
        return [one for one in self._all.values() if one.path.startswith(base)]

    def is_busy(self, target: str, operation_type: str) -> bool:
        """Whether an operation of that type still runs on the resource."""
        return any(
            one.is_running and one.target == target and one.type == operation_type
            for one in self._all.values()
        )
