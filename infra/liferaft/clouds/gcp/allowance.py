"""What a Google project may run: its region's quota of CPUs, what an organization forbids, and
whether Debian is still there.

https://cloud.google.com/compute/resource-usage ; a family has an image as long as its distribution
is supported. https://cloud.google.com/compute/docs/images/image-families-best-practices
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from liferaft.clouds.contract import Allowance
from liferaft.clouds.gcp import organization, sizes
from liferaft.clouds.gcp.access import GcpAccess
from liferaft.clouds.sizes import NoSizeFits, Size, WantedSize
from liferaft.failures import Refused

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Instance

_ON = frozenset({"PROVISIONING", "STAGING", "RUNNING"})


def read_allowance(
    access: GcpAccess, servers: Mapping[str, WantedSize], *, has_bucket: bool
) -> Allowance:
    """Raises CloudFailure."""
    obstacles: list[Refused] = []
    new: dict[str, Size] = {}
    there = {row.name for row in _running(access)}
    for name, wanted in servers.items():
        if {name, f"x{name}"} & there:  # its type may be one that nobody is given any more
            continue
        try:
            new[name] = sizes.choose(access, wanted)[0]
        except NoSizeFits as none:
            if str(none) not in map(str, obstacles):
                obstacles.append(none)
    obstacles += _over(access, list(new.values()))
    kept_out, unknown = organization.forbidden(access, new, has_bucket=has_bucket)
    booted = sorted({(wanted.system, wanted.architecture) for wanted in servers.values()})
    notes = [note for one in booted for note in _without_debian(access, sizes.debian(*one))]
    return Allowance((*obstacles, *kept_out), tuple(notes), tuple(unknown))


def _running(access: GcpAccess) -> "Sequence[Instance]":
    def listed() -> "Sequence[Instance]":
        pages = access.call(access.clients.instances.aggregated_list)
        return [row for _, scoped in pages for row in scoped.instances if row.status in _ON]

    return access.plane.ask("listing running servers", listed)


def _over(access: GcpAccess, new: Sequence[Size]) -> Sequence[Refused]:
    """One for each quota that these servers would exceed."""
    region = access.plane.ask(
        "asking for the quota of CPUs",
        lambda: access.call(access.clients.regions.get, region=access.region),
    )
    quotas = {row.metric: (row.limit, row.usage) for row in region.quotas}
    wanted: dict[str, int] = {}
    for size in new:
        metric = _metric(size.name, quotas)
        wanted[metric] = wanted.get(metric, 0) + size.cpus
    return [
        Refused(
            f"gcp: this project may run {limit:g} CPUs at once in {access.region} (quota "
            f"{metric}); {used:g} run, and {len(new)} servers need {more} more",
            safe="Nothing was created.",
            do="Ask for a higher quota in the console (IAM, Quotas), which takes from minutes to "
            "days; or ask for less in servers.<group>, or use another region.",
        )
        for metric, more in sorted(wanted.items())
        for limit, used in [quotas.get(metric, (float("inf"), 0.0))]
        if used + more > limit
    ]


def _metric(machine_type: str, quotas: Mapping[str, Any]) -> str:
    """Newer series have quotas of their own; the older ones share one, as do those of no limit."""
    own = f"{machine_type.partition('-')[0].upper()}_CPUS"
    return own if quotas.get(own, (0, 0))[0] else "CPUS"


def _without_debian(access: GcpAccess, image: str) -> Sequence[str]:
    _, project, *_, family = image.split("/")
    row = access.plane.ask(
        f"looking up image family {family}",
        lambda: access.find(access.clients.images.get_from_family, project=project, family=family),
    )
    if row is not None:
        return ()
    said = (
        f"Google's project {project} has no image of family {family} any more: a server that does "
        "not boot from a machine image of ours would be refused, and no such image can be built "
        "any more. Keep the one that you have, and look for a newer liferaft."
    )
    return (said,)
