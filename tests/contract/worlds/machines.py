"""A supervisor of machines that only says what their state would be."""

from collections.abc import Mapping

from liferaft_sandbox.lab.machines import Desired, Disk, Machine, State


class Machines:
    """Its machines are there at once, unless it is told to hold them back."""

    def __init__(self) -> None:
        self.machines: tuple[Machine, ...] = ()
        self.disks: tuple[Disk, ...] = ()
        self.booting = False

    def reconcile(self, _cloud: str, desired: Desired) -> None:
        self.machines = desired.machines
        self.disks = desired.disks

    def states(self, _cloud: str) -> Mapping[str, State]:
        up: State = "pending" if self.booting else "running"
        return {machine.id: up if machine.running else "stopped" for machine in self.machines}
