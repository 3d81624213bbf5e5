"""What an AWS account may run: its plan, its quota of CPUs, and what policies forbid, asked before
anything is made.

Plan and quota want a permission of their own. Where a policy forbids one it is said, and no more:
RunInstances would tell. A dry run of that would not: it checks permissions alone.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from liferaft.clouds import boto_errors
from liferaft.clouds.aws import instances, rights, sizes
from liferaft.clouds.aws.access import AwsAccess, labels_of
from liferaft.clouds.boto_errors import UPGRADE
from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.contract import Allowance
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.sizes import NoSizeFits, Size, WantedSize
from liferaft.failures import Refused

# One endpoint for the whole world.
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_freetier_GetAccountPlanState.html
_BILLING = "us-east-1"
# An account from before there were plans is on none; the page above says no more than "not found".
_ON_NO_PLAN = "ResourceNotFoundException"
# Running On-Demand Standard instances, in CPUs.
# https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
_STANDARD_QUOTA = "L-1216C47A"
_STANDARD = frozenset({"a", "c", "d", "h", "i", "im", "is", "m", "r", "t", "z"})


def read_allowance(access: AwsAccess, servers: Mapping[str, WantedSize]) -> Allowance:
    """Raises CloudFailure where EC2 itself refuses to list what it offers and runs."""
    obstacles: list[Refused] = []
    notes: list[str] = []
    unknown: list[str] = []
    plan = _asked(unknown, "freetier:GetAccountPlanState", "its plan", lambda: _plan(access))
    is_free = plan is not None and plan.get("accountPlanType") == "FREE"
    choose = sizes.eligible if is_free else sizes.choose
    running = access.plane.ask("listing running servers", lambda: _running(access))
    there = {labels_of(row).get("Name") for row in running}
    first: dict[str, Size] = {}
    for name, wanted in servers.items():
        if name in there:  # its type may be one that nobody is given any more
            continue
        try:
            first[name] = choose(access, wanted)[0]
        except NoSizeFits as none:
            if str(none) not in map(str, obstacles):
                obstacles.append(none)
    if plan is not None and is_free:
        notes.append(_ends(plan, first.values()))
    quota = _asked(unknown, "servicequotas:GetServiceQuota", "its quota", lambda: _quota(access))
    if quota is not None and (over := _over(access, quota, first, running)) is not None:
        obstacles.append(over)
    made = {name: (servers[name], size) for name, size in first.items()}
    forbidden, untold = rights.tried(access, made, _brief(access)) if made else ((), ())
    return Allowance(tuple(obstacles), (*notes, *forbidden), (*unknown, *untold))


def _asked(
    unknown: list[str], permission: str, what: str, ask: Callable[[], Mapping[str, Any] | None]
) -> Mapping[str, Any] | None:
    """The answer; where there is none, that is noted."""
    try:
        return ask()
    except CloudFailure as failure:
        code = failure.classification.code
        unknown.append(
            f"aws does not tell this key what the account may run, {what} ({code}): allow "
            f"{permission} to know it before a server is refused."
        )
        return None


def _plan(access: AwsAccess) -> Mapping[str, Any] | None:
    client = access.client("freetier", _BILLING)
    try:
        answer: Mapping[str, Any] = _briefly(access).ask(
            "asking for the account's plan", client.get_account_plan_state
        )
    except CloudFailure as failure:
        if failure.classification.code == _ON_NO_PLAN:
            return None
        raise
    return answer


def _quota(access: AwsAccess) -> Mapping[str, Any]:
    client = access.client("service-quotas", access.region)
    answer: Mapping[str, Any] = _briefly(access).ask(
        "asking for the quota of CPUs",
        lambda: client.get_service_quota(ServiceCode="ec2", QuotaCode=_STANDARD_QUOTA),
    )
    return answer


def _briefly(access: AwsAccess) -> Any:
    """Nothing depends on these answers: who does not answer soon is not waited for."""
    return boto_errors.control_plane("aws", _brief(access))


def _brief(access: AwsAccess) -> Patience:
    return replace(access.patience, attempts=2, budget=min(10.0, access.patience.budget))


def _ends(plan: Mapping[str, Any], first: Iterable[Size]) -> str:
    """https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/free-tier-plans.html"""
    when = plan.get("accountPlanExpirationDate")
    end = f"on {when:%Y-%m-%d}" if when else "when the plan ends"
    left = plan.get("accountPlanRemainingCredits", {}).get("amount")
    spent = "its credits" if left is None else f"its credits ({left:g} USD)"
    names = sorted({size.name for size in first})
    starts = f" Servers would be {' and '.join(names)}." if names else ""
    return (
        f"This AWS account is on the free plan: AWS closes it {end}, or once {spent} are used "
        f"up, and all that runs there ends. {UPGRADE} before an application lives there.{starts}"
    )


def _over(
    access: AwsAccess, quota: Mapping[str, Any], first: Mapping[str, Size], running: Sequence[Any]
) -> Refused | None:
    """first: of the servers that are not there yet."""
    most = int(quota["Quota"]["Value"])
    new = [size for size in first.values() if _is_standard(size.name)]
    cpus = {size.name: size.cpus for size in sizes.named(access, _types(running))}
    used = sum(cpus.get(name, 0) for name in _types(running) if _is_standard(name))
    wanted = sum(size.cpus for size in new)
    if used + wanted <= most:
        return None
    return Refused(
        f"aws: this account may run {most} CPUs at once in {access.region} (quota "
        f"{_STANDARD_QUOTA}); {used} run, and {len(new)} servers need {wanted} more",
        safe="Nothing was created.",
        do="Ask for a higher quota in the console (Service Quotas, EC2, Running On-Demand "
        "Standard instances), which takes from minutes to days; or ask for less in "
        "servers.<group>, or use another region.",
    )


def _running(access: AwsAccess) -> Sequence[Any]:
    """On-Demand ones: others (spot, scheduled, a capacity block) count towards other quotas."""
    states = ["pending", "running"]
    rows = instances.listed(access, [{"Name": "instance-state-name", "Values": states}])
    return [row for row in rows if not row.get("InstanceLifecycle")]


def _types(rows: Sequence[Any]) -> Sequence[str]:
    return [str(row["InstanceType"]) for row in rows]


def _is_standard(machine_type: str) -> bool:
    family = re.match(r"[a-z]+", machine_type)
    return family is not None and family[0] in _STANDARD
