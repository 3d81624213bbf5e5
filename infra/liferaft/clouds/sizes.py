"""Choosing a machine type: the cheapest that fits, never a surprise."""

from collections.abc import Iterable
from dataclasses import dataclass

from liferaft.failures import Refused


@dataclass(frozen=True)
class Wanted:
    cpus: int
    memory: int
    """MiB."""
    disk: int
    """GiB."""
    architecture: str
    """`x86_64` or `arm64`."""
    machine_type: str | None = None
    """Pinned."""


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


def cheapest(cloud: str, region: str, wanted: Wanted, offered: Iterable[Size]) -> Size:
    """The cheapest of `offered` that fits `wanted`; ties go to the smaller, then by name.

    `offered` holds no burstable types. Architecture is never traded for money.
    """
    fitting = [
        size
        for size in offered
        if size.architecture == wanted.architecture
        and size.cpus >= wanted.cpus
        and size.memory >= wanted.memory
        and (size.disk is None or size.disk >= wanted.disk)
    ]
    if not fitting:
        raise NoSizeFits(
            f"{cloud} {region} offers no {wanted.architecture} type with {wanted.cpus} CPUs, "
            f"{wanted.memory} MiB and {wanted.disk} GiB",
            safe="Nothing was created.",
            do="Ask for less in servers.<group>, or pin a type in sites.<site>.sizes.",
        )
    return min(fitting, key=lambda size: (size.price, size.cpus, size.memory, size.name))


def no_such_type(cloud: str, region: str, pinned: str) -> NoSizeFits:
    return NoSizeFits(
        f"{cloud} {region} does not offer the pinned machine type {pinned}",
        safe="Nothing was created.",
        do="Pin another in sites.<site>.sizes, or leave it out for the cheapest that fits.",
    )
