"""Constraints of an organization's policy that the lab has put on the project.

https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints . The
answer: https://github.com/gardener/gardener-extension-provider-gcp/issues/415 quotes it for
addresses; that OS Login's is alike is assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp.errors import ApiError

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.gcp.state import Resource, State

ADDRESSES, OS_LOGIN = "compute.vmExternalIpAccess", "compute.requireOsLogin"


def refuse_instance(state: State, path: str, body: Resource) -> None:
    """Raises ApiError for an instance that the policy forbids."""
    nics = body.get("networkInterfaces", [])
    ways_out = [one for nic in nics for one in nic.get("accessConfigs", [])]
    if ADDRESSES in state.constraints and ways_out:
        how = f"Add instance {path} to the constraint to use external IP with it."
        raise _violated(state, ADDRESSES, how)
    items = {
        item["key"]: item.get("value", "") for item in body.get("metadata", {}).get("items", [])
    }
    if OS_LOGIN in state.constraints and items.get("enable-oslogin", "").upper() == "FALSE":
        raise _violated(state, OS_LOGIN, "OS Login may not be disabled.")


def _violated(state: State, constraint: str, how: str) -> ApiError:
    said = f"Constraint constraints/{constraint} violated for project {state.number}. {how}"
    return ApiError(412, "conditionNotMet", said)
