"""One call of a Compute Engine method, and what every handler of one needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import invalid
from liferaft_sandbox.clouds.gcp.links import link, path_of, referred
from liferaft_sandbox.clouds.gcp.operations import do_nothing, is_ready_at_once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liferaft_sandbox.clouds.gcp.discovery import Document, Method
    from liferaft_sandbox.clouds.gcp.state import Resource, State

_PLACES = frozenset({"project", "zone", "region"})


@dataclass(frozen=True)
class Call:
    """`query` and `body` have passed the document's schemas; zone, region and project exist."""

    state: State
    document: Document
    method: Method
    arguments: Mapping[str, str]
    query: Mapping[str, Any]
    body: Resource
    user: str

    @property
    def project(self) -> str:
        return self.arguments["project"]

    @property
    def scope(self) -> str:
        """The path of the zone, the region, or the project's global part."""
        base = f"projects/{self.project}"
        for place in ("zone", "region"):
            if place in self.arguments:
                return f"{base}/{place}s/{self.arguments[place]}"
        return f"{base}/global"

    @property
    def collection(self) -> str:
        return f"{self.scope}/{self.method.collection}"

    @property
    def key(self) -> str:
        """The name or number of the resource that the path speaks of."""
        return next(value for name, value in self.arguments.items() if name not in _PLACES)

    @property
    def resource(self) -> Resource:
        """What the path speaks of; raises ApiError when it is not there."""
        return self.state.get(f"{self.collection}/{self.key}")

    @property
    def path(self) -> str:
        """Of that resource, by its name even where the call gave a number."""
        return path_of(self.resource["selfLink"])

    def refer(self, reference: str, kind: str, field: str, word: str) -> str:
        """The path of an existing, settled resource that a body's field refers to."""
        path = referred(reference, self.project, kind, field)
        if path not in self.state.resources:
            why = f"The referenced {word} resource cannot be found."
            raise invalid(field, link(path), why)
        self.state.settled(path)
        return path

    def operate(
        self,
        path: str,
        resource_id: str,
        *,
        ready: Callable[[], bool] = is_ready_at_once,
        then: Callable[[], None] = do_nothing,
        scope: str = "",
    ) -> Resource:
        """Start the call's operation on a resource and show it."""
        operation = self.state.operations.start(
            scope or self.scope,
            self.method.name,
            (path, resource_id),
            user=self.user,
            ready=ready,
            then=then,
        )
        return operation.show()
