"""Machines as sizes: the type of a server here is the machine that it stands on."""

from collections.abc import Sequence

from liferaft.clouds.inventory import Inventory, InventoryMachine
from liferaft.clouds.sizes import NoSizeFits, Size, WantedSize, pinned


def size(machine: InventoryMachine) -> Size:
    """It is paid for already."""
    return Size(
        name=machine.name,
        cpus=machine.cpus,
        memory=machine.memory,
        architecture=machine.architecture,
        price=0.0,
        disk=machine.disk,
    )


def choose(region: str, inventory: Inventory, wanted: WantedSize) -> Sequence[Size]:
    """The machines that fit, the smallest first, else in the inventory's order; the pinned ones in
    the order of pinning. Raises NoSizeFits. Says nothing of who holds them."""
    offered = [size(machine) for machine in inventory.machines]
    if wanted.machine_types:
        return pinned("ssh", region, wanted, offered)
    found = [one for one in offered if fits(one, wanted)]
    if not found:
        raise NoSizeFits(
            f"ssh {region} has no {wanted.architecture} machine with {wanted.cpus} CPUs, "
            f"{wanted.memory} MiB and {wanted.disk} GiB",
            safe="Nothing was claimed.",
            do="Ask for less in servers.<group>, or add a machine to sites.<site>.machines.",
        )
    return sorted(found, key=lambda one: (one.cpus, one.memory, one.disk or 0))


def fits(offered: Size, wanted: WantedSize) -> bool:
    """Large enough, and of the right architecture."""
    return (
        offered.architecture == wanted.architecture
        and offered.cpus >= wanted.cpus
        and offered.memory >= wanted.memory
        and (offered.disk or 0) >= wanted.disk
    )
