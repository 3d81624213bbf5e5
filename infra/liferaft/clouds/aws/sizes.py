"""EC2's types: what the region lists and what it costs.

EC2 lists types without prices. Within a family the price grows with the number of CPUs, so the
price of a family's `large` (2 CPUs) ranks all of it; only families in `PRICES` are considered.
An account on the free plan may start none of them, only the few types that EC2 marks for it.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.boto_errors import UPGRADE
from liferaft.clouds.sizes import NoSizeFits, Size, WantedSize, fitting, may_keep, pinned

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

# USD per hour of the family's `large`, Linux, on demand, us-east-1, 2025.
# https://aws.amazon.com/ec2/pricing/on-demand/ . Other regions differ in level, not in order.
PRICES = {
    "c5": 0.085,
    "c5a": 0.077,
    "c6a": 0.0765,
    "c6g": 0.068,
    "c6i": 0.085,
    "c7g": 0.0725,
    "c7i": 0.08925,
    "m5": 0.096,
    "m5a": 0.086,
    "m6a": 0.0864,
    "m6g": 0.077,
    "m6i": 0.096,
    "m7g": 0.0816,
    "m7i": 0.1008,
    "r5": 0.126,
    "r5a": 0.113,
    "r6a": 0.1134,
    "r6g": 0.1008,
    "r6i": 0.126,
    "r7g": 0.1071,
}
_FLEXIBLE = {"c7i-flex": 0.08479, "m7i-flex": 0.09576}
"""As above. They have the whole CPU for a part of the time, so that they are taken only where an
account may start nothing else. https://aws.amazon.com/ec2/instance-types/m7i/"""
_CPUS_OF_LARGE = 2

_ARCHITECTURES = ("x86_64", "arm64")


def choose(access: AwsAccess, wanted: WantedSize) -> Sequence[Size]:
    """The cheapest types of known families that fit; any types at all when they are pinned."""
    if wanted.machine_types:
        listed = _listed(access, list(wanted.machine_types), burstable=None)
        return pinned("aws", access.region, wanted, listed)
    offered = _listed(access, [f"{family}.*" for family in PRICES], burstable=False)
    return fitting("aws", access.region, wanted, offered)


def eligible(access: AwsAccess, wanted: WantedSize) -> Sequence[Size]:
    """Those that an account on the free plan may start as well: of the pinned ones, or of all that
    fit and are not burstable. Raises NoSizeFits."""
    marked = _listed(access, list(wanted.machine_types), burstable=None, is_free=True)
    choice = pinned if wanted.machine_types else fitting
    unsteady = () if wanted.machine_types else _listed(access, [], burstable=True, is_free=True)
    try:
        return choice("aws", access.region, wanted, [s for s in marked if s not in unsteady])
    except NoSizeFits:
        raise _none_is_free(access, wanted) from None


def may_keep_type(
    access: AwsAccess, name: str, wanted: WantedSize, choices: Sequence[Size]
) -> bool:
    """Whether a server of the type `name` may keep it. Burstable and unpriced ones may only while
    they are pinned."""
    if wanted.machine_types:
        return name in wanted.machine_types
    if _family(name) in PRICES:
        known = _listed(access, [name], burstable=False)
        return any(may_keep(size, wanted, choices) for size in known)
    marked = _listed(access, [name], burstable=False, is_free=True)
    return any(size.cpus >= wanted.cpus and size.memory >= wanted.memory for size in marked)


def named(access: AwsAccess, names: Iterable[str]) -> Sequence[Size]:
    """The types of servers that are there."""
    asked = sorted(set(names))
    return _listed(access, asked, burstable=None) if asked else []


def _none_is_free(access: AwsAccess, wanted: WantedSize) -> NoSizeFits:
    marked = _listed(access, [], burstable=None, is_free=True)
    names = ", ".join(sorted(size.name for size in marked)) or "none"
    return NoSizeFits(
        f"aws: this account is on the free plan and may start only {names} in {access.region}; "
        f"none of them fits: {wanted.cpus} CPUs, {wanted.memory} MiB, {wanted.architecture}"
        + (f", pinned to {' or '.join(wanted.machine_types)}" if wanted.machine_types else "")
        + ("" if wanted.machine_types else ", not burstable"),
        safe="No server was created.",
        do=f"{UPGRADE}; or ask for less in servers.<group>, or pin one of these in "
        "sites.<site>.sizes.",
    )


def _listed(
    access: AwsAccess, names: list[str], *, burstable: bool | None, is_free: bool = False
) -> list[Size]:
    """Asked once for each access, which lives as long as a command: reading hundreds of types
    takes a fifth of a second, and all servers of a site ask at the same time."""
    question = (str(burstable), str(is_free), *names)
    with access.reading_types:
        if question not in access.types:
            access.types[question] = _read(access, names, burstable=burstable, is_free=is_free)
        found: list[Size] = access.types[question]
    return found


def _read(
    access: AwsAccess, names: list[str], *, burstable: bool | None, is_free: bool
) -> list[Size]:
    filters: list[FilterTypeDef] = [{"Name": "instance-type", "Values": names}] if names else []
    if is_free:
        filters.append({"Name": "free-tier-eligible", "Values": ["true"]})
    if burstable is not None:
        value = "true" if burstable else "false"
        filters.append({"Name": "burstable-performance-supported", "Values": [value]})
    pages = access.ec2.get_paginator("describe_instance_types")
    rows = access.plane.ask(
        "listing machine types",
        lambda: [row for page in pages.paginate(Filters=filters) for row in page["InstanceTypes"]],
    )
    return [
        Size(
            name=row["InstanceType"],
            cpus=row["VCpuInfo"]["DefaultVCpus"],
            memory=row["MemoryInfo"]["SizeInMiB"],
            architecture=architecture,
            price=_price(row["InstanceType"], row["VCpuInfo"]["DefaultVCpus"]),
        )
        for row in rows
        for architecture in row["ProcessorInfo"]["SupportedArchitectures"]
        if architecture in _ARCHITECTURES and not row.get("BareMetal", False)
    ]


def _price(name: str, cpus: int) -> float:
    """Unknown families (only when pinned) cost nothing here: there is nothing to compare."""
    return {**PRICES, **_FLEXIBLE}.get(_family(name), 0.0) * cpus / _CPUS_OF_LARGE


def _family(name: str) -> str:
    return name.partition(".")[0]
