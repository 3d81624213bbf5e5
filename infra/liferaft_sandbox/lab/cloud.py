"""One simulated cloud's machines: what should exist compared with what does, and made so."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.disks import Disks
from liferaft_sandbox.lab.hosts import Host
from liferaft_sandbox.lab.machine_images import MachineImages
from liferaft_sandbox.lab.machines import Desired, Image, Machine, PrivateNetwork, State
from liferaft_sandbox.lab.private_networks import Gateway


@dataclass(frozen=True)
class Changes:
    """What leads from the present to the desired machines, in the order in which it is done."""

    remove: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    """Private networks that no machine is in any more."""
    open: tuple[PrivateNetwork, ...] = ()
    create: tuple[Machine, ...] = ()
    start: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()


def compare(present: Mapping[str, Machine], desired: Desired) -> Changes:
    """The changes that are needed. Raises SandboxFailed when a machine would have to be another.

    A network exists in the lab only while a machine is in it: a cloud may list many that are empty.
    A machine that powered itself off stays off until it is desired stopped, then running.
    """
    wanted = {machine.id: machine for machine in desired.machines}
    networks = {network.id: network for network in desired.networks}
    for machine in desired.machines:
        if machine.network not in networks:
            raise SandboxFailed(
                f"Machine {machine.id} is in {machine.network}, which is not there."
            )
        before = present.get(machine.id)
        if before and _fixed(before) != _fixed(machine):
            raise SandboxFailed(f"Machine {machine.id} cannot change its network or address.")
    kept = {key: wanted[key] for key in present if key in wanted}
    used_before = {machine.network for machine in present.values()}
    used_after = {machine.network for machine in desired.machines}
    return Changes(
        remove=tuple(sorted(present.keys() - wanted.keys())),
        close=tuple(sorted(used_before - used_after)),
        open=tuple(networks[key] for key in sorted(used_after - used_before)),
        create=tuple(m for m in desired.machines if m.id not in present),
        start=tuple(k for k, m in kept.items() if m.running and not present[k].running),
        stop=tuple(k for k, m in kept.items() if not m.running and present[k].running),
    )


def _fixed(machine: Machine) -> tuple[str, str]:
    return machine.network, machine.private_address


@dataclass(frozen=True)
class Places:
    """Where one cloud keeps what."""

    image: Path
    """The tree of the vendors' own Debian."""
    system: str
    """Which Debian that is."""
    hosts: Path
    disks: Path
    images: Path
    nodes: Path
    """Device nodes, on a file system that allows them."""
    group: Path


class Cloud:
    """The lab's side of one cloud. Its methods may be called from many threads."""

    def __init__(self, name: str, places: Places) -> None:
        self._name = name
        self._places = places
        self._present: dict[str, Machine] = {}
        self._hosts: dict[str, Host] = {}
        self._gateways: dict[str, Gateway] = {}
        self._disks = Disks(places.disks, places.nodes)
        self._images = MachineImages(places.images, places.image, places.system)
        self._lock = threading.Lock()

    def reconcile(self, desired: Desired) -> None:
        """Make the lab hold exactly `desired`; what was done before an error stays done."""
        with self._lock:
            changes = compare(self._present, desired)
            for image in self._images.missing(desired.images):
                self._take(image)
            for key in changes.remove:
                self._hosts.pop(key).remove()
                self._disks.forget(key)
                del self._present[key]
            for key in changes.close:
                self._gateways.pop(key).remove()
            for network in changes.open:
                self._gateways[network.id] = Gateway(self._name, network)
            self._admit(desired)
            self._disks.make(desired.disks)
            for machine in changes.create:
                self._create(machine)
            for machine in desired.machines:
                self._disks.attach(machine.id, machine.disks)
            for key in changes.start:
                self._hosts[key].start()
            for key in changes.stop:
                self._hosts[key].stop()
            self._disks.keep_only(desired.disks)
            self._images.keep_only(desired.images, [host.layers for host in self._hosts.values()])
            self._present = {machine.id: machine for machine in desired.machines}

    def _admit(self, desired: Desired) -> None:
        for key, gateway in self._gateways.items():
            gateway.admit(machine for machine in desired.machines if machine.network == key)

    def _take(self, image: Image) -> None:
        host = self._hosts.get(image.machine)
        if host is None:
            raise SandboxFailed(f"Image {image.id} is of machine {image.machine}, which is gone.")
        self._images.take(image, host.folder, host.layers)

    def _create(self, machine: Machine) -> None:
        gateway = self._gateways[machine.network]
        self._disks.attach(machine.id, machine.disks)
        host = Host(
            machine,
            namespace=gateway.namespace,
            cidr=gateway.cidr,
            mtu=gateway.mtu,
            layers=self._images.layers(machine.image),
            folder=self._places.hosts / machine.id,
            volumes=self._disks.nodes_of(machine.id),
            group=self._places.group / machine.id,
        )
        self._hosts[machine.id] = host
        self._present[machine.id] = machine
        if machine.running:
            host.start()

    def states(self) -> dict[str, State]:
        """The state of every machine that exists."""
        with self._lock:
            return {key: host.state() for key, host in self._hosts.items()}

    def reboot(self, running: str) -> tuple[str, ...]:
        """Boot anew every machine on which a program of that name runs, or every one that is
        switched on, if the name is empty. The machines."""
        with self._lock:
            chosen = {
                key: host
                for key, host in self._hosts.items()
                if host.state() == "running" and (not running or host.runs(running))
            }
            for host in chosen.values():
                host.reboot()
            return tuple(chosen)
