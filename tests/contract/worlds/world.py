"""What the suite needs of a cloud: to open it as a user would, and to make it misbehave.

Faults last until `mend`. One that a cloud cannot have at all raises Absent with the reason, which
the printed table then shows: a provider of plain machines has no Retry-After and no quota.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from liferaft.clouds.classification import Verdict
from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory
from liferaft_sandbox.lab.machines import Disk


class Absent(Exception):
    """This cloud has no such behaviour; says why."""


@dataclass(frozen=True)
class Said:
    """One answer of a provider's, and what it must be taken for."""

    code: str
    """As `Classification.code` shows it; empty where the provider gives none."""
    verdict: Verdict
    source: str
    """Where the provider documents it, or `assumed`."""
    status: int = 0
    """HTTP's, where it speaks that."""
    kind: str = "server"
    """What is asked for: a provider's services have words of their own."""


class World(Protocol):
    """One simulated cloud."""

    @property
    def name(self) -> str: ...

    @property
    def region(self) -> str: ...

    @property
    def credentials(self) -> Mapping[str, str]: ...

    @property
    def inventory(self) -> Inventory:
        """What the configuration adds for this cloud; empty where it has an API."""
        ...

    @property
    def changes(self) -> int:
        """How many calls that change something have come through."""
        ...

    @property
    def secrets(self) -> Sequence[str]:
        """What must never be shown."""
        ...

    @property
    def burstable(self) -> Sequence[str]:
        """Types that are sold with CPU credits; empty where the provider has none."""
        ...

    @property
    def other_architectures(self) -> Sequence[str]:
        """Types that are not x86_64."""
        ...

    @property
    def user_data(self) -> Sequence[bytes]:
        """What the machines were given to boot with, the newest last."""
        ...

    @property
    def disks(self) -> Sequence[Disk]:
        """The volumes that there are, the newest last; none where there are no volumes."""
        ...

    def machines_with(self, disk: str) -> Sequence[str]:
        """The private addresses of the machines that the disk is attached to."""
        ...

    def let_in(self) -> set[tuple[str, int, int]]:
        """What reaches the newest machine from outside: protocol, first and last port."""
        ...

    def open(self, patience: Patience) -> Cloud:
        """One Cloud for each patience: loading an SDK takes longer than a test."""
        ...

    def open_with_wrong_credentials(self, patience: Patience) -> Cloud: ...

    def open_where_nobody_answers(self, patience: Patience) -> Cloud: ...

    def mend(self) -> None:
        """A reliable line, an account in good standing, room for all."""
        ...

    def clear(self) -> None:
        """A test has ended: where things are few, what it made is nobody's any more."""
        ...

    def lose(self, which: Callable[[int], bool]) -> None:
        """From now on the answer to the n-th change (from 1) for which `which` is true is lost
        after the change was done."""
        ...

    def burst(self, times: int) -> None:
        """The next `times` requests are answered with the provider's 5xx, and do nothing."""
        ...

    def cut_off(self, times: int) -> None:
        """The next `times` answers break off in the middle of their bodies; nothing is done."""
        ...

    @property
    def burst_left(self) -> int: ...

    def throttle(self, seconds: int) -> None:
        """The next request is refused as one too many, with a Retry-After of `seconds`."""
        ...

    def suspend(self) -> None: ...

    @property
    def suspended(self) -> Said:
        """What the simulated account answers while it is suspended."""
        ...

    @property
    def answers(self) -> Sequence[Said]:
        """What this provider may say to a whole account, each with its verdict."""
        ...

    def answer(self, said: Said) -> None:
        """Everything is answered so."""
        ...

    def fill(
        self, *, types: Iterable[str] | None = None, zones: Iterable[str] | None = None
    ) -> None:
        """No room for new servers of these types, in these zones; None means all."""
        ...

    def exhaust(self, kind: str) -> None:
        """The account's quota for things of this kind is used up."""
        ...

    def lag(self, kind: str, reads: int) -> None:
        """What is created from now on, for things of this kind, is unknown to the first `reads`
        questions about it."""
        ...

    def hold_boots(self) -> None:
        """Servers are made, and stay on the way to running."""
        ...

    def kill_the_next_server(self) -> None:
        """The next server that is created dies before it runs."""
        ...
