"""What every collection of the API can be asked, and the parts they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from liferaft_sandbox.clouds.hetzner.errors import protected
from liferaft_sandbox.clouds.hetzner.schema import Schema, boolean, checked, labels, optional, text
from liferaft_sandbox.clouds.hetzner.state import Resource, State, refuse_used_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.hetzner.actions import Action

R = TypeVar("R", bound=Resource)

NAME_AND_LABELS: Schema = {"name": optional(text()), "labels": optional(labels)}


@dataclass(frozen=True)
class Reply:
    status: int
    body: dict[str, Any] | None


Command = Callable[[R, object], "Action | list[Action] | Reply"]
"""A POST under /actions of one resource, with its body. Most answer with what they started."""


class Collection(Generic[R]):
    """One kind of resource. Subclasses name themselves and add what is theirs.

    `commands` are the POSTs under /actions; each checks its own body and answers with the
    action or actions that it started.
    """

    singular: str
    plural: str
    updates: Schema = NAME_AND_LABELS
    not_offered: frozenset[str] = frozenset()
    """Commands that Hetzner has and the sandbox lacks."""

    def __init__(self, state: State, resources: dict[int, R]) -> None:
        self.state = state
        self.resources = resources
        self.commands: Mapping[str, Command[R]] = {}

    def create(self, body: object) -> Reply:
        raise NotImplementedError

    def show(self, resource: R) -> dict[str, Any]:
        raise NotImplementedError

    def delete(self, resource: R) -> Reply:
        raise NotImplementedError

    def update(self, resource: R, body: object) -> Reply:
        """Change name, labels and what else the kind lets clients change."""
        changes = checked(body, self.updates)
        if changes.get("name", resource.name) != resource.name:
            refuse_used_name(self.resources, changes["name"], self.singular)
        for name, value in changes.items():
            setattr(resource, name, value)
        return Reply(200, {self.singular: self.show(resource)})

    def start_action(self, command: str, resource: R) -> Action:
        """An action on the resource that needs nothing but a moment."""
        return self.state.actions.start(command, (self.singular, resource.id))

    def refuse_protected(self, resource: R) -> None:
        if resource.delete_protected:
            raise protected(self.singular)

    def change_protection(self, resource: R, body: object) -> Action:
        wanted = checked(body, {"delete": optional(boolean)})
        resource.delete_protected = wanted.get("delete", resource.delete_protected)
        return self.start_action("change_protection", resource)

    def common(self, resource: R) -> dict[str, Any]:
        """The fields that all kinds show."""
        return {
            "id": resource.id,
            "name": resource.name,
            "labels": resource.labels,
            "created": resource.created,
        }
