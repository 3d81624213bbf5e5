"""Machines that somebody else provides: no API, so its troubles are those of connections."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh
from tests.contract.worlds import line as http
from tests.contract.worlds import s3
from tests.contract.worlds.aws import KEY, new_account, simulated_aws
from tests.contract.worlds.lag import Lag
from tests.contract.worlds.machine import ALGORITHM, Line, PlainMachine, plain_machine
from tests.contract.worlds.machines import Machines
from tests.contract.worlds.world import Absent, Said
from werkzeug.wrappers import Response

from liferaft.clouds.classification import Verdict
from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory, InventoryMachine, ObjectStore
from liferaft.clouds.registry import open_cloud
from liferaft.clouds.ssh.record import MachineHolding, Record
from liferaft_sandbox.lab.machines import Disk

REGION = "colo"
SECRET = "kept-to-ourselves"
SSH = "https://www.rfc-editor.org/rfc/rfc4252#section-5.1"
# There is no account: a provider that ends it takes the machines back. Assumed.
TAKEN_BACK = Said("permission_denied", Verdict.AMBIGUOUS, SSH)
REBUILT = Said(
    "host_key_mismatch", Verdict.AMBIGUOUS, "https://www.rfc-editor.org/rfc/rfc4251#section-4.1"
)
CUT_OFF = Said("unreachable", Verdict.OUTAGE, "no protocol speaks before a connection stands")

_SHAPES = (
    InventoryMachine("colo-1", "127.0.41.1", "10.40.0.11", "-", cpus=2, memory=4096, disk=40),
    InventoryMachine("colo-2", "127.0.41.2", "10.40.0.12", "-", cpus=4, memory=8192, disk=80),
    InventoryMachine(
        *("colo-arm", "127.0.41.3", "10.40.0.13", "-"),
        cpus=4,
        memory=8192,
        disk=80,
        architecture="arm64",
    ),
)


@contextmanager
def ssh_world(folder: Path) -> Iterator["SshWorld"]:
    line, key = Line(), asyncssh.generate_private_key(ALGORITHM)
    store = http.Line(simulated_aws(Machines(), folder, new_account()))
    key_file = _kept(folder / "operator.key", key)
    with ExitStack() as stack:
        url = stack.enter_context(http.served(store))
        machines = {
            shape.name: stack.enter_context(
                plain_machine(folder / shape.name, shape.address, line, key)
            )
            for shape in _SHAPES
        }
        loop = stack.enter_context(_running_loop())
        for machine in machines.values():
            asyncio.run_coroutine_threadsafe(machine.listen(), loop).result(timeout=60)
            stack.callback(loop.call_soon_threadsafe, machine.close)
        yield SshWorld(
            line=line,
            store=store,
            machines=machines,
            folder=folder,
            inventory=Inventory(
                machines=tuple(_as_declared(shape, machines[shape.name]) for shape in _SHAPES),
                objects=ObjectStore(url),
            ),
            credentials={
                "LIFERAFT_SSH_KEY_FILE": str(key_file),
                "LIFERAFT_S3_ACCESS_KEY_ID": KEY,
                "LIFERAFT_S3_SECRET_ACCESS_KEY": SECRET,
            },
            secrets=(SECRET, key_file.read_text().splitlines()[2]),
        )


@dataclass
class SshWorld:
    """Implements World: the machines, and the object store that goes with them."""

    line: Line
    store: http.Line
    machines: Mapping[str, PlainMachine]
    folder: Path
    inventory: Inventory
    credentials: Mapping[str, str]
    secrets: Sequence[str]
    name: str = "ssh"
    region: str = REGION
    suspended: Said = TAKEN_BACK
    answers: Sequence[Said] = (TAKEN_BACK, REBUILT, CUT_OFF, *s3.ANSWERS)
    burstable: Sequence[str] = ()
    other_architectures: Sequence[str] = ("colo-arm",)
    _opened: dict[Patience, Cloud] = field(default_factory=dict)
    _clean_at: int = 0

    @property
    def changes(self) -> int:
        return self.line.changes + self.store.changes

    @property
    def user_data(self) -> Sequence[bytes]:
        return self.line.user_data

    @property
    def disks(self) -> Sequence[Disk]:
        raise Absent("a machine has the disks that it has")

    def machines_with(self, disk: str) -> Sequence[str]:
        raise Absent("a machine has the disks that it has")

    def let_in(self) -> set[tuple[str, int, int]]:
        raise Absent("a machine's rules are tried on a real one")

    def open(self, patience: Patience) -> Cloud:
        if patience not in self._opened:
            self._opened[patience] = self._open(patience, self.credentials, self.inventory)
        return self._opened[patience]

    def open_with_wrong_credentials(self, patience: Patience) -> Cloud:
        nobody = _kept(self.folder / "nobody.key", asyncssh.generate_private_key(ALGORITHM))
        wrong = {**self.credentials, "LIFERAFT_SSH_KEY_FILE": str(nobody)}
        return self._open(patience, wrong, self.inventory)

    def open_where_nobody_answers(self, patience: Patience) -> Cloud:
        silent = tuple(replace(machine, port=9) for machine in self.inventory.machines)
        return self._open(patience, self.credentials, replace(self.inventory, machines=silent))

    def mend(self) -> None:
        self.line.mend()
        self.store.mend()
        for machine in self.machines.values():
            machine.revive()

    def clear(self) -> None:
        for machine in self.machines.values():
            machine.forget()

    def lose(self, which: Callable[[int], bool]) -> None:
        before, stored = self.line.changes, self.store.changes
        self.line.lose = lambda number: which(number - before)
        self.store.lose = lambda number: which(number - stored)

    def burst(self, times: int) -> None:
        """Connections that break before a word was said; the store answers 5xx."""
        self.line.burst = times
        self.store.burst = [Response("no", 503) for _ in range(times)]

    def cut_off(self, times: int) -> None:
        """A connection that breaks is one that breaks, in the middle as well."""
        self.line.burst = times
        self.store.burst = [http.broken_off() for _ in range(times)]

    @property
    def burst_left(self) -> int:
        return min(self.line.burst, len(self.store.burst))

    def throttle(self, seconds: int) -> None:
        raise Absent("SSH has no Retry-After")

    def suspend(self) -> None:
        self.line.refusing = True

    def answer(self, said: Said) -> None:
        if said.kind == "bucket":
            self.store.faults.append(lambda _asked, _real: s3.spoken(said))
        elif said == TAKEN_BACK:
            self.line.refusing = True
        elif said == REBUILT:
            for machine in self.machines.values():
                machine.show(asyncssh.generate_private_key(ALGORITHM))
        else:
            for machine in self.machines.values():
                machine.dead = True

    def fill(
        self, *, types: Iterable[str] | None = None, zones: Iterable[str] | None = None
    ) -> None:
        """Somebody else holds these machines; there are no zones."""
        another = Record(
            server=MachineHolding("somebody-elses", {}, "ready", "2025-01-01T00:00:00+00:00")
        )
        for name in self.machines if types is None else types:
            self.machines[name].hold(another.text())

    def exhaust(self, kind: str) -> None:
        if kind != "bucket":
            raise Absent("an inventory has no quota; all of its machines held is want of room")

        def fault(asked: http.Asked, _real: http.Real) -> Response | None:
            return s3.no_quota() if s3.makes_bucket(asked) else None

        self.store.faults.append(fault)

    def lag(self, kind: str, reads: int) -> None:
        if kind != "bucket":
            raise Absent("what is held is read where it was written: on the machine")
        self.store.faults.append(Lag(s3.S3Wire(), reads))

    def hold_boots(self) -> None:
        self.line.hanging = True

    def kill_the_next_server(self) -> None:
        self.line.dying = True

    def _open(
        self, patience: Patience, credentials: Mapping[str, str], inventory: Inventory
    ) -> Cloud:
        return open_cloud(
            self.name, self.region, credentials, inventory=inventory, patience=patience
        )


def _as_declared(shape: InventoryMachine, machine: PlainMachine) -> InventoryMachine:
    key = machine.host_key.export_public_key().decode().strip()
    return replace(shape, host_key=key, port=machine.port)


def _kept(path: Path, key: asyncssh.SSHKey) -> Path:
    path.touch(0o600)
    path.write_bytes(key.export_private_key())
    return path


@contextmanager
def _running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
