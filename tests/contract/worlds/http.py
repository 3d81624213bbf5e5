"""What the worlds behind an HTTP API share; what they say on the wire is their own."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.request import Request, urlopen

from tests.contract.worlds.line import Asked, Line, Real, broken_off
from tests.contract.worlds.machines import Machines
from tests.contract.worlds.world import Said
from werkzeug.wrappers import Response

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory
from liferaft.clouds.registry import open_cloud
from liferaft_sandbox.lab.machines import Disk

NOWHERE = "http://127.0.0.1:9"
"""Discard: nobody listens there."""


@dataclass
class HttpWorld(ABC):
    """Implements World on top of a Line."""

    name: str
    region: str
    line: Line
    machines: Machines
    url: str
    credentials: Mapping[str, str]
    suspended: Said
    answers: Sequence[Said] = ()
    burstable: Sequence[str] = ()
    other_architectures: Sequence[str] = ()
    inventory: Inventory = field(default_factory=Inventory)
    _opened: dict[Patience, Cloud] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return self.line.changes

    @property
    def secrets(self) -> Sequence[str]:
        return [v for n, v in self.credentials.items() if "SECRET" in n or "TOKEN" in n]

    @property
    def user_data(self) -> Sequence[bytes]:
        return [machine.user_data for machine in self.machines.machines]

    @property
    def disks(self) -> Sequence[Disk]:
        return self.machines.disks

    def machines_with(self, disk: str) -> Sequence[str]:
        return [
            machine.private_address
            for machine in self.machines.machines
            if disk in {attached.disk for attached in machine.disks}
        ]

    def let_in(self) -> set[tuple[str, int, int]]:
        rules = self.machines.machines[-1].rules
        return {(rule.protocol, rule.first_port, rule.last_port) for rule in rules if rule.sources}

    def open(self, patience: Patience) -> Cloud:
        if patience not in self._opened:
            self._opened[patience] = self._open(patience, self.credentials)
        return self._opened[patience]

    def open_with_wrong_credentials(self, patience: Patience) -> Cloud:
        return self._open(patience, {**self.credentials, **self.wrong()})

    def open_where_nobody_answers(self, patience: Patience) -> Cloud:
        elsewhere = {
            name: NOWHERE if value.startswith("http") else value
            for name, value in self.credentials.items()
        }
        return self._open(patience, elsewhere)

    def mend(self) -> None:
        self.line.mend()
        self.machines.booting = False
        self._say("reinstate")

    def clear(self) -> None:  # noqa: B027  # most have nothing to clear
        """There is room for all that tests make."""

    def lose(self, which: Callable[[int], bool]) -> None:
        before = self.line.changes
        self.line.lose = lambda number: which(number - before)

    def burst(self, times: int) -> None:
        self.line.burst = [Response("no", (503, 502, 500)[n % 3]) for n in range(times)]

    def cut_off(self, times: int) -> None:
        self.line.burst = [broken_off() for _ in range(times)]

    @property
    def burst_left(self) -> int:
        return len(self.line.burst)

    def throttle(self, seconds: int) -> None:
        self.line.burst = [self.throttled({"Retry-After": str(seconds)})]

    def suspend(self) -> None:
        self._say("suspend")

    def answer(self, said: Said) -> None:
        def fault(_asked: Asked, _real: Real) -> Response:
            return self.spoken(said)

        self.line.faults.append(fault)

    def fill(
        self, *, types: Iterable[str] | None = None, zones: Iterable[str] | None = None
    ) -> None:
        full_types = None if types is None else frozenset(types)
        full_zones = None if zones is None else frozenset(zones)

        def fault(asked: Asked, _real: Real) -> Response | None:
            room = self.room_asked_for(asked)
            if room is None:
                return None
            in_type = full_types is None or room[0] in full_types
            in_zone = full_zones is None or room[1] in full_zones
            return self.no_room(*room) if in_type and in_zone else None

        self.line.faults.append(fault)

    def exhaust(self, kind: str) -> None:
        def fault(asked: Asked, _real: Real) -> Response | None:
            return self.no_quota(kind) if self.kind_created_by(asked) == kind else None

        self.line.faults.append(fault)

    def hold_boots(self) -> None:
        self.machines.booting = True

    @abstractmethod
    def wrong(self) -> Mapping[str, str]:
        """Credentials of nobody's."""

    @abstractmethod
    def throttled(self, headers: Mapping[str, str]) -> Response: ...

    @abstractmethod
    def spoken(self, said: Said) -> Response: ...

    @abstractmethod
    def room_asked_for(self, asked: Asked) -> tuple[str, str] | None:
        """Type and zone of the server that this request would make."""

    @abstractmethod
    def no_room(self, machine_type: str, zone: str) -> Response: ...

    @abstractmethod
    def kind_created_by(self, asked: Asked) -> str | None: ...

    @abstractmethod
    def no_quota(self, kind: str) -> Response: ...

    def _open(self, patience: Patience, credentials: Mapping[str, str]) -> Cloud:
        return open_cloud(
            self.name, self.region, credentials, inventory=self.inventory, patience=patience
        )

    def _say(self, word: str) -> None:
        with urlopen(Request(f"{self.url}/_sandbox/{word}", method="POST"), timeout=60):  # noqa: S310  # our own loopback
            pass
