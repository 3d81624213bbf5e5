"""Constraints of an organization's policy that the lab has put on the project.

https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints . The
answer: https://github.com/gardener/gardener-extension-provider-gcp/issues/415 quotes it for
addresses; that OS Login's and the locations' are alike is assumed. What holds is told as
https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest/v2/projects.policies tells
it; that a project without a policy is told the default as a rule is assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp.discovery import document
from liferaft_sandbox.clouds.gcp.errors import ApiError, not_offered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.discovery import Match
    from liferaft_sandbox.clouds.gcp.state import Resource, State

ADDRESSES, OS_LOGIN = "compute.vmExternalIpAccess", "compute.requireOsLogin"
LOCATIONS, AUTH_TYPES = "gcp.resourceLocations", "storage.restrictAuthTypes"
_ALL: Resource = {"allowAll": True}
KNOWN: Mapping[str, Resource] = {
    ADDRESSES: _ALL,
    OS_LOGIN: {"enforce": False},
    LOCATIONS: _ALL,
    AUTH_TYPES: _ALL,
}
"""With the rule that holds where nobody has set one. Google has many more."""


class Policies:
    """The part of the Organization Policy API that tells what holds. Callers hold a lock."""

    def __init__(self, state: State) -> None:
        self.document = document("orgpolicy", "v2")
        self._state = state

    def answer(self, match: Match) -> Resource:
        """Raises ApiError."""
        if match.method.id != "orgpolicy.projects.policies.getEffectivePolicy":
            raise not_offered(match.method.id)
        project, name = match.arguments["projectsId"], match.arguments["policiesId"]
        if project not in {self._state.project, self._state.number}:
            said = f"Permission denied on resource project {project}."
            raise ApiError(403, "forbidden", said)
        if name not in KNOWN:
            raise ApiError(404, "notFound", "Requested entity was not found.")
        rule = self._state.constraints.get(name, KNOWN[name])
        path = f"projects/{self._state.number}/policies/{name}"
        return {"name": path, "spec": {"rules": [rule]}}


def constrain(state: State, name: str, rule: Resource | None) -> None:
    """Put the constraint on the project: by that rule, or as strictly as it goes."""
    strictest = {"enforce": True} if name == OS_LOGIN else {"denyAll": True}
    state.constraints[name] = rule or strictest


def refuse_instance(state: State, path: str, body: Resource) -> None:
    """Raises ApiError for an instance that the policy forbids."""
    nics = body.get("networkInterfaces", [])
    ways_out = [one for nic in nics for one in nic.get("accessConfigs", [])]
    if ways_out and not _allows(state, ADDRESSES, {path}):
        how = f"Add instance {path} to the constraint to use external IP with it."
        raise _violated(state, ADDRESSES, how)
    items = {
        item["key"]: item.get("value", "") for item in body.get("metadata", {}).get("items", [])
    }
    enforced = state.constraints.get(OS_LOGIN, {}).get("enforce", False)
    if enforced and items.get("enable-oslogin", "").upper() == "FALSE":
        raise _violated(state, OS_LOGIN, "OS Login may not be disabled.")
    refuse_location(state, path.split("/zones/")[1].partition("/")[0])


def refuse_location(state: State, zone: str) -> None:
    """Raises ApiError for a zone that the policy forbids. A group that is no region's is Google's
    own to know: none but those of continents are here."""
    region = zone.rpartition("-")[0]
    groups = {f"in:{region}-locations", f"in:{region.partition('-')[0]}-locations"}
    if not _allows(state, LOCATIONS, {zone, region, *groups}):
        raise _violated(state, LOCATIONS, f"Location {zone} is not allowed.")


def _allows(state: State, constraint: str, known_as: set[str]) -> bool:
    rule = state.constraints.get(constraint, _ALL)
    values = rule.get("values", {})
    if rule.get("denyAll") or known_as & set(values.get("deniedValues", ())):
        return False
    allowed = values.get("allowedValues")
    return not allowed or bool(known_as & set(allowed))


def _violated(state: State, constraint: str, how: str) -> ApiError:
    said = f"Constraint constraints/{constraint} violated for project {state.number}. {how}"
    return ApiError(412, "conditionNotMet", said)
