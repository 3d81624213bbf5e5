"""Compute Engine: which handler answers a method, and what is true of all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp import (
    addresses,
    disks,
    firewalls,
    images,
    instance_commands,
    instances,
    networks,
    operation_methods,
    places,
)
from liferaft_sandbox.clouds.gcp.call import Call
from liferaft_sandbox.clouds.gcp.catalogue import PUBLIC_PROJECTS, REGIONS, ZONES
from liferaft_sandbox.clouds.gcp.discovery import document
from liferaft_sandbox.clouds.gcp.errors import (
    ApiError,
    invalid,
    not_found,
    not_offered,
    required,
    sandbox_lacks,
)
from liferaft_sandbox.clouds.gcp.schema import checked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.collection import Handler
    from liferaft_sandbox.clouds.gcp.discovery import Match
    from liferaft_sandbox.clouds.gcp.state import Resource, State

HANDLERS: Mapping[str, Handler] = {
    **addresses.HANDLERS,
    **disks.HANDLERS,
    **firewalls.HANDLERS,
    **images.HANDLERS,
    **instance_commands.HANDLERS,
    **instances.HANDLERS,
    **networks.HANDLERS,
    **operation_methods.HANDLERS,
    **places.HANDLERS,
}
_READ_ANYWHERE = frozenset({"get", "list", "getFromFamily"})
_PERMISSIONS = {"aggregatedList": "list", "insert": "create", "patch": "update"}
"""Of methods that have another name: https://cloud.google.com/compute/docs/access/iam"""
_UNHEARD = frozenset(
    {
        "forceAttach",
        "serviceProjectNumber",
        "sourceImage",
        "sourceInstanceTemplate",
        "sourceMachineImage",
        "views",
    }
)
"""Query parameters that would change an answer and that no handler reads."""
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_ZERO = "00000000-0000-0000-0000-000000000000"


class Compute:
    def __init__(self, state: State) -> None:
        self.document = document("compute", "v1")
        self._state = state

    def answer(self, match: Match, query: Mapping[str, Any], body: object, user: str) -> Resource:
        """The JSON of an answer; raises ApiError."""
        method, arguments = match.method, match.arguments
        handler = HANDLERS.get(method.id)
        if handler is None:
            raise not_offered(method.id)
        self._check_place(match)
        for name in sorted(_UNHEARD & query.keys()):
            raise sandbox_lacks(f"{name} of {method.id}")
        said: Resource = {}
        if method.request:
            if not body:  # https://github.com/googleapis/google-api-python-client/issues/608
                raise required("resource")
            said = checked(self.document, method.request, method.id, body, "resource")
        call = Call(self._state, self.document, method, arguments, query, said, user)
        return self._once(call, handler)

    def _once(self, call: Call, handler: Handler) -> Resource:
        """A requestId that was answered before gets the same operation again."""
        request_id = call.query.get("requestId")
        if request_id is None:
            return handler(call)
        if not _UUID.fullmatch(request_id) or request_id == _ZERO:
            raise invalid("requestId", request_id, "Must be a valid, non-zero UUID.")
        key = (call.method.id, *call.arguments.values(), request_id.lower())
        path = self._state.requests.get(key)
        if path is not None:
            return self._state.operations.get(path).show()
        shown = handler(call)
        self._state.requests[key] = f"{call.scope}/operations/{shown['name']}"
        return shown

    def _check_place(self, match: Match) -> None:
        """Project, zone and region must be there, and the project must be ours."""
        method, arguments = match.method, match.arguments
        project = arguments["project"]
        readable = method.collection == "images" and method.name in _READ_ANYWHERE
        if project not in {self._state.project, self._state.number} and not (
            readable and project in PUBLIC_PROJECTS
        ):
            needed = f"compute.{method.collection}.{_PERMISSIONS.get(method.name, method.name)}"
            said = f"Required '{needed}' permission for 'projects/{project}'"
            raise ApiError(403, "forbidden", said)
        for place, known in (("zone", ZONES), ("region", REGIONS)):
            name = arguments.get(place)
            if name is not None and name not in known:
                if method.collection == f"{place}s":
                    raise not_found(f"projects/{project}/{place}s/{name}")
                raise invalid(place, name, f"Unknown {place}.")
