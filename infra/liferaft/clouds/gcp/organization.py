"""Which constraints of an organization's policy hold for the project, asked before one refuses.

Asking needs the Organization Policy API and orgpolicy.policy.get, which a project's own roles do
not bring: who is not told is told that.
https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest/v2/projects.policies/getEffectivePolicy
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.gcp import constraints
from liferaft.clouds.gcp.access import GcpAccess
from liferaft.failures import Refused

ADDRESSES: Final = "compute.vmExternalIpAccess"
OS_LOGIN: Final = "compute.requireOsLogin"
LOCATIONS: Final = "gcp.resourceLocations"
AUTH_TYPES: Final = "storage.restrictAuthTypes"
_HMAC: Final = frozenset({"SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS", "ALL_HMAC_SIGNED_REQUESTS"})
"""https://cloud.google.com/storage/docs/org-policy-constraints#restrict-auth-types"""
_PRECISE: Final = re.compile(r"[a-z]+-[a-z]+\d+(-[a-z]|-locations)?")
"""A region, a zone, or all of a region. Other groups (`eu-locations`) have members of their own."""
_PREFIX: Final = re.compile(r"^(in|is):")
Rules = Sequence[Mapping[str, Any]]
Holds = Callable[[str], bool | None]


@dataclass(frozen=True)
class Intent:
    """What is to be made: instances of these names in that region, and perhaps a bucket whose
    objects are reached by an HMAC key."""

    project: str
    region: str
    names: frozenset[str]
    has_bucket: bool


def forbidden(
    access: GcpAccess, names: Collection[str], *, has_bucket: bool
) -> tuple[Sequence[Refused], Sequence[str]]:
    """Why what is to be made would be refused, and what is not known of it: whole sentences."""
    intent = Intent(access.project, access.region, frozenset(names), has_bucket)
    obstacles: list[Refused] = []
    unknown: list[str] = []
    for constraint in (ADDRESSES, OS_LOGIN, LOCATIONS, *([AUTH_TYPES] if has_bucket else [])):
        try:
            rules = _rules(access, constraint)
        except CloudFailure as failure:
            return obstacles, [*unknown, _untold(failure)]
        match allows(constraint, rules, intent):
            case False:
                obstacles.append(_refused(constraint, access.project))
            case None:
                unknown.append(
                    f"gcp: from its groups it cannot be told whether constraints/{constraint} of "
                    f"project {access.project} stands in the way in {access.region}."
                )
    return obstacles, unknown


def _rules(access: GcpAccess, constraint: str) -> Rules:
    """Nothing depends on these answers: who does not answer soon is not waited for. Raises
    CloudFailure."""
    patience = replace(access.patience, attempts=2, budget=min(10.0, access.patience.budget))
    said = replace(access.plane, patience=patience).ask(
        f"asking whether constraints/{constraint} holds",
        lambda: access.clients.effective_policy(constraint),
    )
    rules: Rules = said.get("spec", {}).get("rules", ())
    return rules


def allows(constraint: str, rules: Rules, intent: Intent) -> bool | None:
    """None where it cannot be told. Pure."""
    if constraint == OS_LOGIN:
        return not any(rule.get("enforce") for rule in rules)
    if constraint == AUTH_TYPES:
        return _allowed(rules, lambda value: value in _HMAC)
    if constraint == LOCATIONS:
        return _allowed(rules, lambda value: _holds_region(value, intent.region))
    told = {_allowed(rules, partial(_is_instance, name, intent)) for name in intent.names}
    if False in told:
        return False
    return None if None in told else True


def _allowed(rules: Rules, holds: Holds) -> bool | None:
    """Of a list: whether what `holds` says to be in a value is allowed by all rules together."""
    if any(rule.get("denyAll") for rule in rules):
        return False
    denied = {holds(one) for one in _values(rules, "deniedValues")}
    if True in denied:
        return False
    listed = _values(rules, "allowedValues")
    allowed = {holds(one) for one in listed} if listed else {True}
    if True in allowed:
        return None if None in denied else True
    return None if None in allowed else False


def _values(rules: Rules, which: str) -> Sequence[str]:
    found = (one for rule in rules for one in rule.get("values", {}).get(which, ()))
    return [_PREFIX.sub("", str(one)) for one in found]


def _holds_region(value: str, region: str) -> bool | None:
    """A continent's group holds its regions; what other groups hold, Google alone knows."""
    if value in {region, f"{region}-locations", f"{region.partition('-')[0]}-locations"}:
        return True
    if _PRECISE.fullmatch(value):
        return value.rpartition("-")[0] == region
    return None if value.endswith("-locations") else False


def _is_instance(name: str, intent: Intent, value: str) -> bool | None:
    """Each by its path; or all that lie under something, which may be a folder."""
    if value.startswith("under:"):
        return True if value == f"under:projects/{intent.project}" else None
    zone = f"projects/{re.escape(intent.project)}/zones/{re.escape(intent.region)}-[a-z]"
    return re.fullmatch(f"{zone}/instances/x?{re.escape(name)}", value) is not None


def _refused(constraint: str, project: str) -> Refused:
    return Refused(
        f"gcp: an organization's policy holds for project {project}, and forbids what is needed "
        f"here (constraints/{constraint})",
        safe="Nothing was created.",
        do=constraints.way_out(f"constraints/{constraint}"),
    )


def _untold(failure: CloudFailure) -> str:
    code = failure.classification.code
    return (
        f"gcp does not tell this account whether an organization forbids what is needed here "
        f"({code}): enable orgpolicy.googleapis.com and give it roles/orgpolicy.policyViewer to "
        "know it before something is refused. A project of no organization has no constraints."
    )
