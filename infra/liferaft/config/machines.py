"""What has to be said, and what must not, of sites on machines that somebody else provides."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Final

from liferaft.config.problems import Finding
from liferaft.config.sites import MachineConfig, ServerConfig, SiteConfig

CLOUD: Final = "ssh"
OUR_USER: Final = "liferaft"
"""Made on every server and removed again when it is released: nobody may come in by it before."""
_KEYS: Final = ("machines", "login", "objects")


def of_sites(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    """Keys that belong to this cloud alone, and machines that cannot be told apart."""
    for name, site in sites.items():
        yield from _of_site(("sites", name), site)


def without_store(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    """Sites where a bucket could not be."""
    for name, site in sites.items():
        if site.cloud == CLOUD and site.objects is None:
            yield Finding(
                ("sites", name, "objects"),
                "missing: the app has a bucket, and machines have no object store",
                'a table such as {endpoint = "https://objects.example"}',
            )


def enough(
    sites: Mapping[str, SiteConfig], servers: Mapping[str, ServerConfig]
) -> Iterator[Finding]:
    """Every server needs a machine of its own, and one that it fits on."""
    for name, site in sites.items():
        if site.cloud != CLOUD or not site.machines:
            continue
        count = sum(group.count for group in servers.values())
        if count > len(site.machines):
            yield Finding(
                ("sites", name, "machines"),
                f"{count} servers need as many machines, here are {len(site.machines)}",
                f"a table [sites.{name}.machines.NAME] for each",
            )
        for group, wanted in servers.items():
            fitting = sum(_fits(machine, wanted) for machine in site.machines.values())
            if group not in site.sizes and fitting < wanted.count:
                yield Finding(
                    ("sites", name, "machines"),
                    f"group {group} needs {wanted.count} with {wanted.cpus} CPUs and "
                    f"{wanted.memory.human_readable()}, {wanted.architecture}; {fitting} have that",
                    f"less in servers.{group}, or another machine",
                )


def _of_site(place: tuple[str, str], site: SiteConfig) -> Iterator[Finding]:
    if site.cloud != CLOUD:
        for key in _KEYS:
            if getattr(site, key):
                yield Finding(
                    (*place, key), f'only a site with cloud = "{CLOUD}" has {key}', "leave it out"
                )
        return
    if not site.machines:
        yield Finding(
            (*place, "machines"),
            f'missing: cloud = "{CLOUD}" has the machines that are declared',
            f"a table [{'.'.join(place)}.machines.NAME] for each",
        )
    if site.login == OUR_USER:
        yield Finding(
            (*place, "login"), "this user is made and removed by liferaft", "root, or another user"
        )
    yield from _addresses(place, site)
    for group, names in site.sizes.items():
        unknown = [name for name in names if name not in site.machines]
        if unknown:
            yield Finding(
                (*place, "sizes", group),
                f"there is no machine {', '.join(unknown)}",
                ", ".join(site.machines),
            )


def _addresses(place: tuple[str, str], site: SiteConfig) -> Iterator[Finding]:
    for name, machine in site.machines.items():
        if IPv4Address(machine.private_address).is_global:
            yield Finding(
                (*place, "machines", name, "private_address"),
                "it is a public address, and servers do not encrypt what they say to each other",
                "an address in a private network that all machines of the site share",
            )
    for key in ("address", "private_address"):
        first: dict[str, str] = {}
        for name, machine in site.machines.items():
            value = getattr(machine, key)
            if first.setdefault(value, name) != name:
                yield Finding(
                    (*place, "machines", name, key),
                    f"machine {first[value]} has {value} already",
                    "an address of its own",
                )


def _fits(machine: MachineConfig, wanted: ServerConfig) -> bool:
    return (
        machine.cpus >= wanted.cpus
        and machine.memory >= wanted.memory
        and machine.architecture == wanted.architecture
    )
