"""Choosing a machine type: the cheapest that fits, never a surprise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from liferaft.clouds.kinds import ServerSpec
from liferaft.clouds.systems import DEFAULT_SYSTEM, System
from liferaft.failures import Refused

MOST_SIZES = 5
"""How many unpinned types are tried before it is said that there is no room: each costs more."""


@dataclass(frozen=True)
class WantedSize:
    cpus: int
    memory: int
    """MiB."""
    disk: int
    """GiB."""
    architecture: str
    """`x86_64` or `arm64`."""
    machine_types: tuple[str, ...] = ()
    """Pinned, in the order in which they are tried."""
    system: System = DEFAULT_SYSTEM
    """What it is to run."""

    @classmethod
    def of(cls, spec: ServerSpec) -> "WantedSize":
        """What a server asks for."""
        shape = (spec.cpus, spec.memory, spec.disk, spec.architecture)
        return cls(*shape, spec.machine_types, spec.runs)


@dataclass(frozen=True)
class Size:
    """A type that a cloud offers in the region."""

    name: str
    cpus: int
    memory: int
    """MiB."""
    architecture: str
    price: float
    """Per hour, in the cloud's own currency; used to compare within one cloud only."""
    disk: int | None = None
    """GiB that come with it; None where the disk is bought apart."""


class NoSizeFits(Refused):
    """The cloud lists nothing that is large enough, or not the pinned type."""


def fitting(cloud: str, region: str, wanted: WantedSize, offered: Iterable[Size]) -> Sequence[Size]:
    """Those of `offered` that fit, the cheapest first, at most MOST_SIZES; ties go to the
    smaller, then by name. Raises NoSizeFits.

    `offered` holds no burstable types. Architecture is never traded for money.
    """
    found = [
        size
        for size in offered
        if size.architecture == wanted.architecture
        and size.cpus >= wanted.cpus
        and size.memory >= wanted.memory
        and (size.disk is None or size.disk >= wanted.disk)
    ]
    if not found:
        raise NoSizeFits(
            f"{cloud} {region} offers no {wanted.architecture} type with {wanted.cpus} CPUs, "
            f"{wanted.memory} MiB and {wanted.disk} GiB",
            safe="Nothing was created.",
            do="Ask for less in servers.<group>, or pin a type in sites.<site>.sizes.",
        )
    found.sort(key=lambda size: (size.price, size.cpus, size.memory, size.name))
    return found[:MOST_SIZES]


def pinned(cloud: str, region: str, wanted: WantedSize, offered: Iterable[Size]) -> Sequence[Size]:
    """The pinned types that are offered, in the order of pinning, burstable ones too. Raises
    NoSizeFits when none of them is, or one is of another architecture."""
    by_name = {size.name: size for size in offered}
    found = [by_name[name] for name in wanted.machine_types if name in by_name]
    if not found:
        raise NoSizeFits(
            f"{cloud} {region} does not offer the pinned machine type "
            f"{' or '.join(wanted.machine_types)}",
            safe="Nothing was created.",
            do="Pin another in sites.<site>.sizes, or leave it out for the cheapest that fits.",
        )
    for size in found:
        if size.architecture != wanted.architecture:
            raise NoSizeFits(
                f"{cloud}'s {size.name} is {size.architecture}, and the site is "
                f"{wanted.architecture}",
                safe="Nothing was created.",
                do="Pin a type of the same architecture in sites.<site>.sizes.",
            )
    return found


def may_keep(size: Size, wanted: WantedSize, choices: Sequence[Size]) -> bool:
    """Whether a server that has `size` may keep it, where `choices` are what is offered now.

    What is sold out for others is still good for whom it serves; what costs more than every
    choice is larger than wanted.
    """
    if wanted.machine_types:
        return size.name in wanted.machine_types
    enough = size.cpus >= wanted.cpus and size.memory >= wanted.memory
    return enough and size.price <= max(choice.price for choice in choices)
