"""The servers where the application is: their disks and clocks, and what is in no vault yet.

They are asked over the way that every step takes. Where none answers, nothing here is known; that
they are gone is for other questions to find.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from liferaft.clouds.systems import in_words
from liferaft.data import registry
from liferaft.data.postgres.disk import database_disk
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.evidence.loss import DataLoss, asked, judged
from liferaft.evidence.watch import words
from liferaft.failures import BadInput, DeadlinePassed
from liferaft.remote import Host
from liferaft.remote.acts import act
from liferaft.site.roster import roster
from liferaft.site.world import World

T = TypeVar("T")
REACH_SECONDS: Final = 15.0
"""For the connection and all that is asked over it."""
CLOCK: Final = 5.0
"""Seconds by which clocks may differ: leases and recovery points go by them."""
LATE: Final = 60.0
"""Seconds after which something should have been in a vault."""
_FULL: Final = 0.03
_FILLING: Final = 0.1
"""Parts of a disk that are free."""
_GIB: Final = 1024**3
_OK, _WARNING = CheckSeverity.OK, CheckSeverity.WARNING
_ASK: Final = """
. /etc/os-release
printf '%s %s\\n' "$ID-$VERSION_ID" "$(df --output=size,avail -B1 /var/lib | tail -n 1)"
date +%s.%N
timedatectl show --property=NTPSynchronized --value || echo unknown
"""


@dataclass(frozen=True)
class ServerState:
    """What a server says of itself.

    Attributes:
        system: as liferaft.toml would call it: `debian-13`.
        size, free: bytes of the disk that holds data.
        ahead: seconds by which its clock is ahead of ours, and by how much that may be wrong.
        is_synchronised: whether something sets its clock; None where it does not say.
    """

    system: str
    size: int
    free: int
    ahead: float
    error: float
    is_synchronised: bool | None


def of_servers(patient: Patient) -> Iterator[Check]:
    """Of those of the site that reigns."""
    home = patient.home
    if home is None or patient.current is None:
        return
    try:
        seats = roster(patient.config).seats
    except BadInput:  # every move refuses such a configuration: `failover-plan` says so
        return
    for seat in seats:
        yield Check(
            "server",
            f"server {seat.name} of {home}",
            f"Has {seat.name} room on its disk, the right time, and the application's system?",
            "A full disk stops a database; leases and recovery points go by clocks.",
            partial(_server, patient, home, seat.name),
            seconds=REACH_SECONDS + 5,
        )
    yield Check(
        "exposure",
        f"servers of {home}",
        f"What do the servers of {home} have that no vault has yet?",
        "That is what is lost if their vendor ends them now.",
        partial(_exposure, patient, home),
        seconds=2 * REACH_SECONDS,
    )
    yield Check(
        "database-disk",
        f"servers of {home}",
        "How long does the database's disk last, and which vaults does its archive go on without?",
        "While no vault takes WAL it stays on that disk, and a full one stops the database.",
        partial(_database, patient, home),
        seconds=REACH_SECONDS + 5,
    )


def _in_time(asks: Callable[[World], Awaitable[T]], world: World) -> T:
    """Raises DeadlinePassed where the servers do not answer in time."""

    async def bounded() -> T:
        async with world, asyncio.timeout(REACH_SECONDS):
            return await asks(world)

    try:
        return asyncio.run(bounded())
    except TimeoutError:
        said = f"its servers did not answer within {REACH_SECONDS:.0f} s"
        raise DeadlinePassed(f"{world.site.name}: {said}") from None


def _server(patient: Patient, home: str, server: str) -> Answers:
    async def ask(world: World) -> ServerState:
        return await look_at(await world.servers.host(server))

    return tuple(_judged(patient, _in_time(ask, patient.world(home))))


async def look_at(host: Host) -> ServerState:
    """Reads only. Raises HostActFailed."""
    before = time.time()
    said = await act(host, ["bash", "-euc", _ASK], doing="Asking for disk and clock")
    after = time.time()
    place, now, synchronised = said.splitlines()
    system, size, free = place.split()
    ours, error = (before + after) / 2, (after - before) / 2
    known = {"yes": True, "no": False}.get(synchronised.strip())
    return ServerState(system, int(size), int(free), float(now) - ours, error, known)


def _judged(patient: Patient, said: ServerState) -> Iterator[Diagnosis]:
    wrong = tuple(_wrong(patient, said))
    yield from wrong
    if not wrong:
        room = f"{said.free / _GIB:.1f} of {said.size / _GIB:.1f} GiB are free"
        clock = f"its clock is {abs(said.ahead):.1f} ± {said.error:.1f} s from ours"
        yield Diagnosis(_OK, f"{room}, {clock}; it runs {in_words(patient.config.system)}.")
    if said.is_synchronised is False:
        finding = "Nothing sets its clock: its system says that it is not synchronised."
        yield Diagnosis(CheckSeverity.NOTE, finding, "See `timedatectl` there.")


def _wrong(patient: Patient, said: ServerState) -> Iterator[Diagnosis]:
    free = said.free / said.size
    if free < _FILLING:
        severity = CheckSeverity.CRITICAL if free < _FULL else _WARNING
        finding = f"Its disk is nearly full: {said.free / _GIB:.1f} GiB are free, {free:.0%} of it."
        yield Diagnosis(severity, finding, "Make room, or give it a larger disk.")
    if abs(said.ahead) - said.error > CLOCK:
        way = "ahead of" if said.ahead > 0 else "behind"
        finding = f"Its clock is {abs(said.ahead):.0f} s {way} ours."
        yield Diagnosis(_WARNING, finding, "See which of both is wrong: `timedatectl`.")
    if said.system != patient.config.system:
        finding = f"It runs {said.system}, and the reign is of {patient.config.system}."
        yield Diagnosis(_WARNING, finding, "Servers of one application run one system: deploy it.")


def _exposure(patient: Patient, home: str) -> Answers:
    said = asyncio.run(asked(patient.world(home)))
    vaults = tuple(patient.config.vaults)
    rows = tuple(_lost(one) for one in judged(said, patient.watched, vaults))
    flows = any(kind.flows for kind, _ in registry.kept(patient.config))
    return rows if flows else (Diagnosis(_OK, "Nothing flows into vaults without a pause."),)


def _lost(one: DataLoss) -> Diagnosis:
    if one.trouble is not None or one.lost is None or one.lost.seconds is None:
        why = one.trouble or "; ".join(filter(None, (lag.why for lag in one.vaults))) or "not told"
        finding = f"NOT KNOWN of {one.name}: {why.rstrip('.')}."
        return Diagnosis(CheckSeverity.UNKNOWN, finding, is_answered=False)
    finding = f"About {words(timedelta(seconds=one.lost.seconds))} of {one.name}."
    if one.lost.seconds > LATE:
        return Diagnosis(
            _WARNING, finding, "`liferaft status` says which vault is behind, and why."
        )
    return Diagnosis(_OK, finding)


def _database(patient: Patient, home: str) -> Answers:
    said = _in_time(database_disk, patient.world(home))
    if said.trouble is not None:
        finding = f"NOT KNOWN: {said.trouble.happened.rstrip('.')}."
        unknown = CheckSeverity.UNKNOWN
        return (Diagnosis(unknown, finding, said.trouble.do, is_answered=False),)
    found = [
        Diagnosis(_WARNING, f"{sentence.rstrip('.')}.", "See that vault.")
        for sentence in said.vaults
    ]
    if said.lasts_seconds is not None:
        finding = (
            f"IT IS FULL IN ABOUT {said.lasts_seconds / 60:.0f} MINUTES: {said.waiting} files of "
            "WAL wait for a vault."
        )
        do = "Make the vault reachable for the server; see its PostgreSQL log."
        found.append(Diagnosis(CheckSeverity.CRITICAL, finding, do))
    return found or (Diagnosis(_OK, "Its archive keeps up, in each vault that it counts."),)
