"""The operation lease: one run at a time changes the app, and everybody can see which.

A holder owns link N of a create-only chain, `lease/00000007`: who, which run, since when. Only
the holder writes `lease-renewed/00000007`, which says until when. So a renewal has no race to
lose, and taking over is creating link N+1, which exactly one taker can.
"""

import asyncio
import json
import logging
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Self

from liferaft.failures import Held
from liferaft.journal.clock import Clock, SystemClock, moment, stamp
from liferaft.journal.process import Process
from liferaft.vault import Damaged, KeyMissing, NumberedChain, Vault, VaultFailure

LEASE_SECONDS = 60.0
"""How long a holder that fell silent keeps others out, by wall clocks that roughly agree."""
RENEW_SECONDS = 15.0
_FOLDER, _RENEWED = "lease", "lease-renewed"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Holder:
    """Who holds the lease for which run, since and until when (UTC, ISO 8601).

    `what` is for people: `failover of hetzner`.
    """

    process: Process
    run: str
    since: str
    expires: str
    nonce: str
    what: str = ""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        fields = json.loads(body)
        return cls(**{**fields, "process": Process(**fields["process"])})


class LeaseHeld(Held):
    """Somebody else's run is under way."""

    def __init__(self, holder: Holder, expires: str) -> None:
        super().__init__(
            _told(holder),
            safe="This command did nothing.",
            do=f"Wait for that run to end. If it is dead, its lease lapses at {expires}; "
            "--take-over takes it at once.",
            details=_details(holder),
        )
        self.holder = holder


class LeaseLost(Held):
    """Somebody took over from this run: it must not begin anything more."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(
            f"This run lost its lease: {_told(holder)}",
            safe="No further step was begun, and what was under way was stopped: a step may be "
            "half done. Steps that finished stay.",
            do="Leave it to that run. See `liferaft status` when it has ended.",
            details=_details(holder),
        )
        self.holder = holder


class Lease:
    """A lease that is held. Calls block; `held` wraps them for asyncio."""

    def __init__(self, vault: Vault, number: int, holder: Holder, clock: Clock) -> None:
        self._vault, self._number, self._clock = vault, number, clock
        self._turn, self._released = threading.Lock(), False
        self.holder = holder

    @classmethod
    def acquire(
        cls,
        vault: Vault,
        run: str,
        *,
        what: str = "",
        take_over: bool = False,
        process: Process | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Hold the lease for a run.

        Raises LeaseHeld while another holder's has not lapsed, unless that is a process of this
        machine which is dead, or `take_over` says to take it anyway.
        """
        clock = clock or SystemClock()
        chain = NumberedChain(vault, _FOLDER)
        latest = chain.highest()
        if latest and not take_over:
            before, expires = _known(vault, latest)
            if moment(expires) > clock.now() and not before.process.is_dead():
                raise LeaseHeld(before, expires)
        number = latest + 1
        holder = Holder(
            process=process or Process.this(),
            run=run,
            since=stamp(clock.now()),
            expires=_until(clock.now()),
            nonce=secrets.token_hex(8),
            what=what,
        )
        if not chain.append(number, holder.to_json()):
            raise LeaseHeld(*_known(vault, number))
        return cls(vault, number, holder, clock)

    def renew(self) -> None:
        """Hold it for LEASE_SECONDS from now. Raises LeaseLost if somebody took over."""
        with self._turn:
            if not self._released:
                self.require()
                self._expires(_until(self._clock.now()))

    def require(self) -> None:
        """Raise LeaseLost if somebody took over: this run must not go on. Asks the vault."""
        chain = NumberedChain(self._vault, _FOLDER)
        latest = chain.highest()
        if latest and latest != self._number:
            raise LeaseLost(Holder.from_json(chain.get(latest).body))

    async def required(self) -> None:
        """`require`, without holding up the event loop."""
        await asyncio.to_thread(self.require)

    def release(self) -> None:
        """Let the next one in at once. A renewal that is under way in another thread ends first:
        it would keep everybody out again. None comes after."""
        with self._turn:
            self._released = True
            self._expires(stamp(self._clock.now()))

    def _expires(self, at: str) -> None:
        self._vault.put(_renewal(self._number), json.dumps({"expires": at}).encode())


@asynccontextmanager
async def held(
    vault: Vault,
    run: str,
    *,
    what: str = "",
    take_over: bool = False,
    every: float = RENEW_SECONDS,
) -> AsyncIterator[Lease]:
    """Hold the lease while the block runs, renewed every `every` seconds, released at its end.

    If somebody takes over, the block is cancelled and LeaseLost raised: at the next renewal, or
    when the block asks by `require`, as it must before anything that is not to be done twice. A
    vault that does not answer a renewal stops nothing by itself: whoever needs it next decides.
    """
    lease = await asyncio.to_thread(Lease.acquire, vault, run, what=what, take_over=take_over)
    try:
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(_renewed(lease, every))
            yield lease
            renewing.cancel()
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]  # the block's own failure, or the lost lease
        raise first from first.__cause__
    finally:
        await _released(lease)


async def _released(lease: Lease) -> None:
    try:
        await asyncio.to_thread(lease.release)
    except VaultFailure as failure:
        _log.warning("The lease was not released and lapses by itself: %s", failure)


async def _renewed(lease: Lease, every: float) -> None:
    while True:
        await asyncio.sleep(every)
        try:
            await asyncio.to_thread(lease.renew)
        except VaultFailure as failure:
            _log.warning("The lease was not renewed, trying again: %s", failure)


def _told(holder: Holder) -> str:
    process, doing = holder.process, f"the {holder.what}" if holder.what else holder.run
    return f"{process.who} (process {process.pid}) has been running {doing} since {holder.since}"


def _details(holder: Holder) -> dict[str, str]:
    return {"holder": holder.process.who, "run": holder.run, "since": holder.since}


def _known(vault: Vault, number: int) -> tuple[Holder, str]:
    """The holder of a link, and when its lease lapses. Raises Damaged."""
    try:
        holder = Holder.from_json(NumberedChain(vault, _FOLDER).get(number).body)
        try:
            return holder, json.loads(vault.get(_renewal(number)))["expires"]
        except KeyMissing:
            return holder, holder.expires  # never renewed yet
    except Damaged as damage:
        raise damage.mended_by(
            "Make sure that nobody else's command is under way, then run this one again with "
            "--take-over: it begins a lease of its own.",
            safe="Who holds the lease is not known, and so nothing was changed.",
        ) from None


def _renewal(number: int) -> str:
    return f"{_RENEWED}/{number:08}"


def _until(now: datetime) -> str:
    return stamp(now + timedelta(seconds=LEASE_SECONDS))
