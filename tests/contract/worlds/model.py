"""The modelled cloud. It has no wire: what only a wire can do is absent."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.contract.worlds.world import Absent, Said
from tests.models.cloud import SUSPENDED, Account, CloudModel
from tests.models.line import Line

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory
from liferaft_sandbox.lab.machines import Disk

_CHANGES = ("create", "update", "delete")
NO_WIRE = "the model has no wire"


@dataclass
class Unreliable(Line):
    """Loses answers to changes, and does not carry out the next requests, as it is told."""

    changes: int = 0
    loses: Callable[[int], bool] = lambda _: False
    burst: int = 0

    @contextmanager
    def request(
        self,
        what: str,
        lost: Callable[[str], Exception],
        *,
        killed: type[BaseException] = Exception,
    ) -> Iterator[None]:
        if self.burst > 0:
            self.burst -= 1
            raise lost(what)
        if what.split()[1] not in _CHANGES:
            yield
            return
        self.changes += 1
        number = self.changes
        yield
        if self.loses(number):
            raise lost(what)


@contextmanager
def model_world(_: Path) -> Iterator["ModelWorld"]:
    yield ModelWorld()


@dataclass
class ModelWorld:
    """Implements World. It plays a cloud that has everything, under the name of one."""

    line: Unreliable = field(default_factory=Unreliable)
    holds: Account = field(default_factory=lambda: Account(1))
    name: str = "aws"
    region: str = "here"
    credentials: Mapping[str, str] = field(default_factory=dict)
    inventory: Inventory = field(default_factory=Inventory)
    secrets: Sequence[str] = ()
    burstable: Sequence[str] = ()
    other_architectures: Sequence[str] = ()
    suspended: Said = field(
        default_factory=lambda: Said(SUSPENDED.code, SUSPENDED.verdict, "the model's own")
    )

    @property
    def changes(self) -> int:
        return self.line.changes

    @property
    def user_data(self) -> Sequence[bytes]:
        return [one.spec.user_data.encode() for one in self.holds.of("server").values()]

    @property
    def disks(self) -> Sequence[Disk]:
        volumes = self.holds.of("volume").items()
        return [Disk(ident, one.spec.size) for ident, one in volumes]

    def machines_with(self, disk: str) -> Sequence[str]:
        server = self.holds.things[self.holds.things[disk].spec.server_id]
        return [server.facts.private_address]

    def let_in(self) -> set[tuple[str, int, int]]:
        newest = list(self.holds.of("server").values())[-1]
        rules = self.holds.things[newest.spec.firewall_id].spec.rules
        ends = ((rule.protocol, rule.ports.partition("-")) for rule in rules)
        return {(protocol, int(a or 0), int(b or a or 0)) for protocol, (a, _, b) in ends}

    def open(self, patience: Patience) -> Cloud:
        return CloudModel(self.holds, self.name, self.region, self.line, patience.attempts)

    def open_with_wrong_credentials(self, patience: Patience) -> Cloud:
        raise Absent("the model asks for no credentials")

    def open_where_nobody_answers(self, patience: Patience) -> Cloud:
        dead = Unreliable(burst=patience.attempts)
        return CloudModel(self.holds, self.name, self.region, dead, patience.attempts)

    def mend(self) -> None:
        self.line.loses, self.line.burst = (lambda _: False), 0
        self.holds.full, self.holds.is_suspended = frozenset(), False

    def clear(self) -> None:
        """Everything may stay: there is room."""

    def lose(self, which: Callable[[int], bool]) -> None:
        before = self.line.changes
        self.line.loses = lambda number: which(number - before)

    def burst(self, times: int) -> None:
        self.line.burst = times

    def cut_off(self, times: int) -> None:
        self.line.burst = times

    @property
    def burst_left(self) -> int:
        return self.line.burst

    def throttle(self, seconds: int) -> None:
        raise Absent(NO_WIRE)

    def suspend(self) -> None:
        self.holds.is_suspended = True

    @property
    def answers(self) -> Sequence[Said]:
        return (self.suspended,)

    def answer(self, said: Said) -> None:
        self.suspend()

    def fill(
        self, *, types: Iterable[str] | None = None, zones: Iterable[str] | None = None
    ) -> None:
        raise Absent("the model has room for all")

    def exhaust(self, kind: str) -> None:
        self.holds.full = frozenset({kind})

    def lag(self, kind: str, reads: int) -> None:
        raise Absent("the model knows at once what it made")

    def hold_boots(self) -> None:
        raise Absent("the model boots at once")

    def kill_the_next_server(self) -> None:
        raise Absent("the model boots at once")
