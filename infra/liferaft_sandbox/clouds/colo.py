"""Colo: a vendor without an API. Four machines stand there, installed, with SSH and nothing else.

No firewall is in front of them. Each is switched on by the first packet that is sent to it.
"""

import json
import socket
import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Final

from liferaft_sandbox.addresses import COLO_MACHINES, COLO_NETWORK, OBJECTS_PORT, PLACES
from liferaft_sandbox.credentials import SshKey
from liferaft_sandbox.failures import NotReadyInTime
from liferaft_sandbox.lab.asleep import Sleeper
from liferaft_sandbox.lab.cloud import Cloud
from liferaft_sandbox.lab.machines import Desired, Machine, PrivateNetwork, Rule

NETWORK: Final = PrivateNetwork("colo", COLO_NETWORK)
EVERYBODY: Final = (Rule("all", 0, 65535, ("0.0.0.0/0",)),)
PROBE_SECONDS: Final = 2.0
BOOT_SECONDS: Final = 180.0
POLL_SECONDS: Final = 0.1
LOGIN: Final = "root"
CPUS, MEMORY_MIB, DISK_GIB = 4, 16384, 100
"""What the vendor's contract says of each machine."""


@dataclass(frozen=True)
class Rented:
    """One machine of the contract. Its host key stays when it is installed anew."""

    name: str
    public_address: str
    private_address: str
    host_key: SshKey

    def machine(self, operator: SshKey) -> Machine:
        """It, switched off, as the vendor's people installed it."""
        return Machine(
            id=self.name,
            network=NETWORK.id,
            private_address=self.private_address,
            public_address=self.public_address,
            hostname=self.name,
            user_data=_installation(self.host_key, operator),
            running=False,
            rules=EVERYBODY,
        )


def _installation(host_key: SshKey, operator: SshKey) -> bytes:
    """The vendor's people do by hand what cloud-init does here."""
    said = {
        "disable_root": False,
        "users": [{"name": LOGIN, "ssh_authorized_keys": [operator.public]}],
        "ssh_keys": {"ed25519_private": host_key.private, "ed25519_public": host_key.public},
    }
    return b"#cloud-config\n" + json.dumps(said).encode()


def rented() -> tuple[Rented, ...]:
    """The four, with fresh host keys."""
    return tuple(
        Rented(f"colo-{number}", public, private, SshKey.make())
        for number, (public, private) in enumerate(COLO_MACHINES.items(), 1)
    )


class Colo:
    """The machines in the lab. May be used from many threads."""

    def __init__(
        self, cloud: Cloud, machines: tuple[Rented, ...], operator: SshKey, *, objects: Sleeper
    ) -> None:
        """Nothing stands there before `install`. `objects`: the vendor's object store."""
        self._cloud = cloud
        self._rented = machines
        self._operator = operator
        self._lock = threading.Lock()
        self._standing: dict[str, Machine] = {}
        self._objects = objects
        self._machines = tuple(self._sleeper(one) for one in machines)

    def install(self) -> None:
        """All of them with empty disks, asleep; nothing happens to those that stand there."""
        with self._lock:
            missing = [one for one in self._rented if one.name not in self._standing]
            self._stand(*(one.machine(self._operator) for one in missing))
        if missing:
            for sleeper in (self._objects, *self._machines):
                sleeper.sleep()

    def destroy(self) -> None:
        """Power off, and everything on them lost."""
        with self._lock:
            self._standing.clear()
            self._stand()

    def inventory(self) -> dict[str, Any]:
        """What a liferaft.toml says of them; no secrets."""
        return {
            "login": LOGIN,
            "objects": {"endpoint": f"https://s3.colo.test:{OBJECTS_PORT}", "region": "us-east-1"},
            "machines": [
                {
                    "name": one.name,
                    "address": one.public_address,
                    "private_address": one.private_address,
                    "host_key": one.host_key.public,
                    "cpus": CPUS,
                    "memory": MEMORY_MIB,
                    "disk": DISK_GIB,
                }
                for one in self._rented
            ],
        }

    def host_keys(self) -> dict[str, str]:
        """The variables by which a liferaft.toml names host keys that differ at every start."""
        return {
            f"LIFERAFT_{one.name.upper().replace('-', '_')}_HOST_KEY": one.host_key.public
            for one in self._rented
        }

    def _sleeper(self, one: Rented) -> Sleeper:
        return Sleeper(PLACES["colo"], one.public_address, lambda: self._switch_on(one))

    def _switch_on(self, one: Rented) -> None:
        with self._lock:
            if one.name not in self._standing:
                return
            self._stand(replace(self._standing[one.name], running=True))
        self._objects.wake()  # the machine asks it from behind the router, where nobody listens
        _await_ssh(one)

    def _stand(self, *machines: Machine) -> None:
        self._standing |= {machine.id: machine for machine in machines}
        self._cloud.reconcile(Desired((NETWORK,), tuple(self._standing.values())))


def _await_ssh(one: Rented) -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while True:
        try:
            with socket.create_connection((one.public_address, 22), PROBE_SECONDS) as asked:
                if asked.recv(4) == b"SSH-":
                    return
        except OSError:
            pass  # it boots
        if time.monotonic() > deadline:
            raise NotReadyInTime(f"{one.name} had no SSH {BOOT_SECONDS:.0f} s after power on.")
        time.sleep(POLL_SECONDS)
