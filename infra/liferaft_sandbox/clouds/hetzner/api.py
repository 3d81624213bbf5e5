"""Paths to collections: which method on which resource is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.hetzner.catalogue import DATACENTERS, LOCATIONS, PRICING, SERVER_TYPES
from liferaft_sandbox.clouds.hetzner.collection import Collection, Reply
from liferaft_sandbox.clouds.hetzner.errors import ApiError, not_found, unsupported
from liferaft_sandbox.clouds.hetzner.firewalls import Firewalls
from liferaft_sandbox.clouds.hetzner.ids import with_id
from liferaft_sandbox.clouds.hetzner.images import Images
from liferaft_sandbox.clouds.hetzner.listing import page
from liferaft_sandbox.clouds.hetzner.networks import Networks
from liferaft_sandbox.clouds.hetzner.primary_ips import PrimaryIps
from liferaft_sandbox.clouds.hetzner.servers import Servers
from liferaft_sandbox.clouds.hetzner.ssh_keys import SshKeys
from liferaft_sandbox.clouds.hetzner.volumes import Volumes

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from liferaft_sandbox.clouds.hetzner.actions import Action
    from liferaft_sandbox.clouds.hetzner.state import State

    Query = MultiDict[str, str]

CATALOGUES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "datacenters": ("datacenter", DATACENTERS),
    "locations": ("location", LOCATIONS),
    "server_types": ("server_type", SERVER_TYPES),
}
ALWAYS_EMPTY = frozenset(
    {
        "certificates",
        "floating_ips",
        "isos",
        "load_balancer_types",
        "load_balancers",
        "placement_groups",
        "storage_box_types",
        "storage_boxes",
        "zones",
    }
)
"""Kinds that the sandbox does not offer: there are none, and none can be made."""


class Api:
    """Callers hold a lock: one request at a time."""

    def __init__(self, state: State) -> None:
        self._state = state
        kinds: tuple[Collection[Any], ...] = (
            Servers(state),
            Networks(state),
            Firewalls(state),
            SshKeys(state, state.ssh_keys),
            PrimaryIps(state),
            Volumes(state),
            Images(state),
        )
        self._collections = {collection.plural: collection for collection in kinds}

    def answer(self, method: str, path: list[str], query: Query, body: object) -> Reply:
        """Serve `path` (without the version). Raises ApiError where the API refuses."""
        plural, rest = path[0], path[1:]
        if plural == "actions":
            return self._actions(method, rest, query, self._state.actions.all())
        if fixed := _fixed(method, path, query):
            return fixed
        collection = self._collections.get(plural)
        if collection is None:
            raise ApiError(404, "not_found", "endpoint not found")
        if rest[:1] == ["actions"]:
            return self._actions(method, rest[1:], query, self._about(collection.singular))
        if not rest:
            return _whole(collection, method, query, body)
        return self._one(collection, method, rest, query, body)

    def _one(
        self, collection: Collection[Any], method: str, rest: list[str], query: Query, body: object
    ) -> Reply:
        key = rest[0]
        resource = with_id(collection.resources, key)
        if resource is None:
            raise not_found(collection.singular, key)
        match method, rest[1:]:
            case "GET", []:
                return Reply(200, {collection.singular: collection.show(resource)})
            case "PUT", []:
                return collection.update(resource, body)
            case "DELETE", []:
                return collection.delete(resource)
            case "POST", ["actions", command]:
                return _run(collection, resource, command, body)
            case "GET", ["actions", *more]:
                about = self._about(collection.singular, resource.id)
                return self._actions(method, more, query, about)
            case _, []:
                raise _method_not_allowed()
        wanted = "/".join(rest[1:])
        raise unsupported(f"the sandbox does not offer {wanted} of a {collection.singular}")

    def _about(self, kind: str, number: int | None = None) -> list[Action]:
        return [
            action
            for action in self._state.actions.all()
            if any(k == kind and number in {None, n} for k, n in action.resources)
        ]

    def _actions(self, method: str, rest: list[str], query: Query, among: list[Action]) -> Reply:
        if method != "GET":
            raise _method_not_allowed()
        if not rest:
            return Reply(200, page("actions", [action.show() for action in among], query))
        action = self._state.actions.get(rest[0])
        if action not in among:
            raise not_found("action", rest[0])
        return Reply(200, {"action": action.show()})


def _whole(collection: Collection[Any], method: str, query: Query, body: object) -> Reply:
    if method == "GET":
        items = [collection.show(resource) for resource in collection.resources.values()]
        return Reply(200, page(collection.plural, items, query))
    if method == "POST":
        return collection.create(body)
    raise _method_not_allowed()


def _run(collection: Collection[Any], resource: Any, command: str, body: object) -> Reply:
    run = collection.commands.get(command)
    if run is None and command in collection.not_offered:
        message = f"the sandbox does not offer the action {command} on a {collection.singular}"
        raise unsupported(message)
    if run is None:
        raise ApiError(404, "not_found", "endpoint not found")
    started = run(resource, body)
    if isinstance(started, Reply):
        return started
    if isinstance(started, list):
        return Reply(201, {"actions": [action.show() for action in started]})
    return Reply(201, {"action": started.show()})


def _fixed(method: str, path: list[str], query: Query) -> Reply | None:
    """What is the same for everybody: prices, the catalogues, and what is not offered."""
    plural, rest = path[0], path[1:]
    if (method, path) == ("GET", ["pricing"]):
        return Reply(200, {"pricing": PRICING})
    if plural in ALWAYS_EMPTY:
        return _none_of(method, plural, rest, query)
    if plural not in CATALOGUES:
        return None
    singular, items = CATALOGUES[plural]
    if method != "GET":
        raise _method_not_allowed()
    if not rest:
        return Reply(200, page(plural, items, query))
    item = next((item for item in items if str(item["id"]) == rest[0]), None)
    if item is None or len(rest) > 1:
        raise not_found(singular, rest[0])
    return Reply(200, {singular: item})


def _none_of(method: str, plural: str, rest: list[str], query: Query) -> Reply:
    match method, rest:
        case "GET", []:
            return Reply(200, page(plural, [], query))
        case "GET", ["actions"]:
            return Reply(200, page("actions", [], query))
        case "POST", []:
            raise unsupported(f"the sandbox does not offer {plural.replace('_', ' ')}")
        case _, ["actions", key]:
            raise not_found("action", key)
        case _, [key, *_]:
            raise not_found(plural.removesuffix("s"), key)
    raise _method_not_allowed()


def _method_not_allowed() -> ApiError:
    return ApiError(405, "method_not_allowed", "method not allowed")
