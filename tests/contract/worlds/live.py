"""A real account: it plays nothing, and nothing can be made to go wrong there.

`make live` puts it in the place of the simulated clouds, and leaves out the tests that need what
only a simulated one can do; what they ask for here is absent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tests.contract.home import HURRY
from tests.contract.worlds.world import Absent, Said

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory
from liferaft_sandbox.lab.machines import Disk

REAL = "a real account cannot be made to do this"
_IDENTITIES = ("HCLOUD_TOKEN", "AWS_ACCESS_KEY_ID")


@dataclass
class LiveWorld:
    """Implements World.

    Attributes:
        opened: opens the cloud with these credentials and patience.
        cleared: deletes what a test has made.
        app: whose everything is, so that it is found again by its labels.
        mark: in the names of buckets.
    """

    name: str
    region: str
    credentials: Mapping[str, str] = field(repr=False)
    opened: Callable[[Mapping[str, str], Patience], Cloud]
    cleared: Callable[[], None]
    app: str
    mark: str
    inventory: Inventory = field(default_factory=Inventory)
    secrets: Sequence[str] = ()
    burstable: Sequence[str] = ()
    other_architectures: Sequence[str] = ()
    changes: int = 0
    burst_left: int = 0
    user_data: Sequence[bytes] = ()
    disks: Sequence[Disk] = ()
    _clouds: dict[Patience, Cloud] = field(default_factory=dict)

    def open(self, patience: Patience) -> Cloud:
        return self._clouds.setdefault(
            patience, self.opened(self.credentials, _of_real_time(patience))
        )

    def open_with_wrong_credentials(self, patience: Patience) -> Cloud:
        wrong = {
            name: self.credentials[name][::-1] for name in _IDENTITIES if name in self.credentials
        }
        if not wrong:
            raise Absent("the credentials are a file")
        return self.opened({**self.credentials, **wrong}, _of_real_time(patience))

    def mend(self) -> None:
        """Nothing was made to go wrong."""

    def clear(self) -> None:
        self.cleared()

    @property
    def suspended(self) -> Said:
        raise Absent(REAL)

    @property
    def answers(self) -> Sequence[Said]:
        raise Absent(REAL)

    def machines_with(self, disk: str) -> Sequence[str]:
        raise Absent(REAL)

    def let_in(self) -> set[tuple[str, int, int]]:
        raise Absent(REAL)

    def open_where_nobody_answers(self, patience: Patience) -> Cloud:
        raise Absent(REAL)

    def lose(self, which: Callable[[int], bool]) -> None:
        raise Absent(REAL)

    def burst(self, times: int) -> None:
        raise Absent(REAL)

    def cut_off(self, times: int) -> None:
        raise Absent(REAL)

    def throttle(self, seconds: int) -> None:
        raise Absent(REAL)

    def suspend(self) -> None:
        raise Absent(REAL)

    def answer(self, said: Said) -> None:
        raise Absent(REAL)

    def fill(
        self, *, types: Iterable[str] | None = None, zones: Iterable[str] | None = None
    ) -> None:
        raise Absent(REAL)

    def exhaust(self, kind: str) -> None:
        raise Absent(REAL)

    def lag(self, kind: str, reads: int) -> None:
        raise Absent(REAL)

    def hold_boots(self) -> None:
        raise Absent(REAL)

    def kill_the_next_server(self) -> None:
        raise Absent(REAL)


SIMULATED = frozenset(
    {
        *("lose", "burst", "burst_left", "cut_off", "throttle", "suspend", "suspended", "answer"),
        *("answers", "fill", "exhaust", "lag", "hold_boots", "kill_the_next_server", "let_in"),
        *("machines_with", "disks", "user_data", "changes", "burstable", "other_architectures"),
        "open_where_nobody_answers",
    }
)
"""What only a simulated cloud can do or tell: a test that names one is not for a real one."""


def _of_real_time(patience: Patience) -> Patience:
    """As patient as with customers' clouds, unless the test is about what it costs not to be."""
    usual = Patience(attempts=patience.attempts)
    return usual if patience.gone >= HURRY.gone else replace(usual, gone=patience.gone)
