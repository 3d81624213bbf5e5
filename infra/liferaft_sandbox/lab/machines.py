"""The contract between a simulated control plane and the supervisor, which owns the real hosts.

A control plane says, whole, what should exist in its cloud; the supervisor makes it so. Requests
are one line of JSON on a unix socket, answered by one line.
"""

import base64
import json
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

from liferaft_sandbox.failures import SandboxFailed

State = Literal["pending", "running", "stopped"]
ETHERNET = 1500
"""The MTU everywhere else, the links between places included."""
ANSWER_SECONDS = 300.0
"""More than anything that it waits for itself: it says best what went wrong."""


@dataclass(frozen=True)
class PrivateNetwork:
    """A VPC or network of a cloud. Its gateway is the first address of `cidr`."""

    id: str
    cidr: str
    mtu: int = ETHERNET
    """Bytes of the largest packet that its machines send and take; at most ETHERNET."""


@dataclass(frozen=True)
class Rule:
    """Something that may come in from outside the private network.

    `protocol` is tcp, udp, icmp or all; the ports matter for tcp and udp only. `sources` are IPv4
    networks; none at all allows nobody.
    """

    protocol: str
    first_port: int
    last_port: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Disk:
    """A block volume. It may grow while it exists. `size` in GiB."""

    id: str
    size: int


@dataclass(frozen=True)
class Image:
    """A machine's root disk, kept as of the moment when the image is first desired.

    It outlives the machine, and `machine` is not looked at again.
    """

    id: str
    machine: str


@dataclass(frozen=True)
class Attached:
    """A disk at a machine, where it is /dev/disk/by-id/`link`."""

    disk: str
    link: str


@dataclass(frozen=True)
class Machine:
    """One server.

    Only `public_address`, `rules`, `running` and `disks` may change while it exists.
    """

    id: str
    network: str
    private_address: str
    public_address: str | None
    hostname: str
    user_data: bytes
    """Exactly as the API call carried it (decoded); cloud-init reads it at the first boot."""
    running: bool
    rules: tuple[Rule, ...]
    authorized_keys: tuple[str, ...] = ()
    """Public keys that the cloud's metadata offers to the image's default user."""
    image: str = ""
    """The id of the Image it boots from at its first start; the name of a system, or nothing, for
    the vendors' own Debian."""
    disks: tuple[Attached, ...] = ()


@dataclass(frozen=True)
class Desired:
    """Everything that should exist in one cloud; what is not named here is taken away."""

    networks: tuple[PrivateNetwork, ...] = ()
    machines: tuple[Machine, ...] = ()
    disks: tuple[Disk, ...] = ()
    images: tuple[Image, ...] = ()


def to_json(desired: Desired) -> dict[str, Any]:
    """Plain lists and strings; user data in base64."""
    return {
        "networks": [asdict(network) for network in desired.networks],
        "machines": [
            {
                "id": machine.id,
                "network": machine.network,
                "private_address": machine.private_address,
                "public_address": machine.public_address,
                "hostname": machine.hostname,
                "user_data": base64.b64encode(machine.user_data).decode(),
                "running": machine.running,
                "rules": [
                    {
                        "protocol": rule.protocol,
                        "first_port": rule.first_port,
                        "last_port": rule.last_port,
                        "sources": list(rule.sources),
                    }
                    for rule in machine.rules
                ],
                "authorized_keys": list(machine.authorized_keys),
                "image": machine.image,
                "disks": [asdict(disk) for disk in machine.disks],
            }
            for machine in desired.machines
        ],
        "disks": [asdict(disk) for disk in desired.disks],
        "images": [asdict(image) for image in desired.images],
    }


def from_json(said: Mapping[str, Any]) -> Desired:
    """The inverse of `to_json`. Raises KeyError, TypeError or ValueError on anything else."""
    return Desired(
        networks=tuple(PrivateNetwork(**network) for network in said["networks"]),
        machines=tuple(_machine(machine) for machine in said["machines"]),
        disks=tuple(Disk(**disk) for disk in said["disks"]),
        images=tuple(Image(**image) for image in said["images"]),
    )


def _machine(said: Mapping[str, Any]) -> Machine:
    return Machine(
        **{
            **said,
            "user_data": base64.b64decode(said["user_data"], validate=True),
            "rules": tuple(
                Rule(**{**rule, "sources": tuple(rule["sources"])}) for rule in said["rules"]
            ),
            "authorized_keys": tuple(said["authorized_keys"]),
            "disks": tuple(Attached(**disk) for disk in said["disks"]),
        }
    )


class Supervisor:
    """Client of the supervisor's socket; one connection per request, safe in many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def reconcile(self, cloud: str, desired: Desired) -> None:
        """Make `cloud` hold exactly `desired`. Idempotent; boots go on after this returns.

        Raises SandboxFailed when the supervisor cannot be asked or could not do it.
        """
        self._ask({"do": "reconcile", "cloud": cloud, "desired": to_json(desired)})

    def states(self, cloud: str) -> dict[str, State]:
        """The state of every machine of `cloud` that exists, by machine id.

        A machine is running from the moment its init process has started.
        """
        return cast("dict[str, State]", self._ask({"do": "states", "cloud": cloud}))

    def terminate(self, cloud: str) -> None:
        """Suspend the account at the cloud's API and cut its network off; counters restart at 0."""
        self._ask({"do": "terminate", "cloud": cloud})

    def reinstate(self, cloud: str) -> None:
        """The inverse of `terminate`; nothing happens at a cloud in good standing."""
        self._ask({"do": "reinstate", "cloud": cloud})

    def reboot(self, cloud: str, running: str = "") -> list[str]:
        """Boot anew the machines of `cloud` on which a program `running` runs; all without one.

        Returns their ids at once; the boots go on.
        """
        return cast("list[str]", self._ask({"do": "reboot", "cloud": cloud, "running": running}))

    def kill(self, service: str) -> None:
        """A service of a vendor dies, or what keeps the vault of that name: connections are
        refused, what it holds on disk stays."""
        self._ask({"do": "kill", "name": service})

    def revive(self, service: str) -> None:
        """It is healthy again when this returns."""
        self._ask({"do": "revive", "name": service})

    def cut(self, vault: str) -> None:
        """Nobody reaches the vault's store, which says nothing to anybody: it runs on."""
        self._ask({"do": "cut", "name": vault})

    def mend(self, vault: str) -> None:
        """The inverse of `cut`; nothing happens where there is none."""
        self._ask({"do": "mend", "name": vault})

    def make_bucket(self, name: str) -> None:
        """A bucket at the store of each vault, if it is not there."""
        self._ask({"do": "make_bucket", "name": name})

    def counters(self) -> dict[str, Any]:
        """What was sent to each cloud; `liferaft_sandbox.lab.traffic` says the shape."""
        return cast("dict[str, Any]", self._ask({"do": "counters"}))

    def _ask(self, question: Mapping[str, Any]) -> object:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(str(self._path))
                connection.sendall(json.dumps(question).encode() + b"\n")
                with connection.makefile("rb") as lines:
                    answer = lines.readline()
            except OSError as error:
                raise SandboxFailed(
                    f"The sandbox's supervisor did not answer `{question['do']}`: {error}.",
                    details={"socket": str(self._path)},
                ) from error
        if not answer.endswith(b"\n"):
            raise SandboxFailed(f"The sandbox's supervisor broke off at `{question['do']}`.")
        said = json.loads(answer)
        if "error" in said:
            raise SandboxFailed(said["error"], details=said.get("details", {}))
        return said["answer"]
