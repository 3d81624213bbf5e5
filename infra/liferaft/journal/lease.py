"""The operation lease: one run at a time changes the app, and everybody can see which.

A holder owns link N of a create-only chain, `lease/00000007`: who, which run, since when. Only
the holder writes `lease-renewed/00000007`, which says until when. So a renewal has no race to
lose, and taking over is creating link N+1, which exactly one taker can.
"""

import asyncio
import contextlib
import itertools
import json
import logging
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Self

from liferaft.journal.clock import Clock, SystemClock, moment, stamp
from liferaft.journal.holder import Holder, LeaseHeld, LeaseLost
from liferaft.journal.process import Process
from liferaft.vault import Damaged, KeyMissing, NumberedChain, Vault, VaultFailure, layout

LEASE_SECONDS = 60.0
"""How long a holder that fell silent keeps others out, by wall clocks that roughly agree."""
RENEW_SECONDS = 15.0
LOOKS = 5
"""How often a holder looks, in the time between two renewals, whether somebody took over."""
HANDOVER_SECONDS = 20.0
"""How long who takes over waits for the other run to stop."""
_ASK_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Lease:
    """A lease that is held. Calls block; `hold_lease` wraps them for asyncio."""

    def __init__(self, vault: Vault, number: int, holder: Holder, clock: Clock) -> None:
        self._vault, self._number, self._clock = vault, number, clock
        self._turn, self._released = threading.Lock(), False
        self.holder = holder
        self.robbed: Holder | None = None
        """Whose run may still be in a step: it held the lease when it was taken over."""

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
        chain = NumberedChain(vault, layout.LEASES)
        latest = chain.highest()
        before = _before(vault, latest, clock, take_over=take_over)
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
        lease = cls(vault, number, holder, clock)
        lease.robbed = before
        return lease

    def is_handed_over(self) -> bool:
        """Whether the run before this one has stopped: it gave its lease back, or is dead."""
        before = self.robbed
        if before is None or before.process.is_dead():
            return True
        try:
            return bool(
                json.loads(self._vault.get(layout.renewal(self._number - 1))).get("released")
            )
        except (KeyMissing, Damaged):
            return False

    def follows_a_kill(self) -> bool:
        """Whether the holder before this one did not give its lease back: it was killed, perhaps
        between the writes to two vaults."""
        if self._number == 1:
            return False
        try:
            before = json.loads(self._vault.get(layout.renewal(self._number - 1)))
        except (KeyMissing, Damaged):
            return True
        return not before.get("released")

    def renew(self) -> None:
        """Hold it for LEASE_SECONDS from now. Raises LeaseLost if somebody took over."""
        with self._turn:
            if not self._released:
                self.require()
                self._expires(_until(self._clock.now()))

    def require(self) -> None:
        """Raise LeaseLost if somebody took over: this run must not go on. Asks the vault."""
        chain = NumberedChain(self._vault, layout.LEASES)
        latest = chain.highest()
        if latest and latest != self._number:
            raise LeaseLost(Holder.from_json(chain.get(latest).body))

    async def require_in_thread(self) -> None:
        """`require`, without holding up the event loop."""
        await asyncio.to_thread(self.require)

    def release(self) -> None:
        """Let the next one in at once. A renewal that is under way in another thread ends first:
        it would keep everybody out again. None comes after."""
        with self._turn:
            self._released = True
            self._expires(stamp(self._clock.now()))

    def _expires(self, at: str) -> None:
        body = {"expires": at, "released": self._released}
        self._vault.put(layout.renewal(self._number), json.dumps(body).encode())


@asynccontextmanager
async def hold_lease(
    vault: Vault,
    run: str,
    *,
    what: str = "",
    take_over: bool = False,
    every: float = RENEW_SECONDS,
) -> AsyncIterator[Lease]:
    """Hold the lease while the block runs, renewed every `every` seconds, released at its end.

    If somebody takes over, the block is cancelled and LeaseLost raised: at the next look, or when
    the block asks by `require`, as it must before anything that is not to be done twice. Who takes
    over waits until the other run has stopped, HANDOVER_SECONDS at most: it may be in a step. A
    vault that does not answer a renewal stops nothing by itself: whoever needs it next decides.
    """
    lease = await asyncio.to_thread(Lease.acquire, vault, run, what=what, take_over=take_over)
    try:
        await _wait_for_handover(lease)
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(_keep_renewing(lease, every))
            yield lease
            renewing.cancel()
    except BaseExceptionGroup as failures:
        first = failures.exceptions[0]  # the block's own failure, or the lost lease
        raise first from first.__cause__
    finally:
        await _release(lease)


async def _release(lease: Lease) -> None:
    try:
        await asyncio.to_thread(lease.release)
    except VaultFailure as failure:
        _log.warning("The lease was not released and lapses by itself: %s", failure)


async def _wait_for_handover(lease: Lease) -> None:
    if await asyncio.to_thread(lease.is_handed_over):
        return
    assert lease.robbed is not None
    who = f"{lease.robbed.process.who} ({lease.robbed.what or lease.robbed.run})"
    _log.warning("Waiting for the run of %s to stop, %.0f s at most.", who, HANDOVER_SECONDS)
    try:
        async with asyncio.timeout(HANDOVER_SECONDS):
            while not await asyncio.to_thread(lease.is_handed_over):  # noqa: ASYNC110  # a vault
                await asyncio.sleep(_ASK_SECONDS)
    except TimeoutError:
        _log.warning("The run of %s has not said that it stopped. Going on without it.", who)


async def _keep_renewing(lease: Lease, every: float) -> None:
    for turn in itertools.count(1):
        await asyncio.sleep(every / LOOKS)
        try:
            await asyncio.to_thread(lease.require if turn % LOOKS else lease.renew)
        except VaultFailure as failure:
            _log.warning("The lease was not renewed, trying again: %s", failure)


def _before(vault: Vault, latest: int, clock: Clock, *, take_over: bool) -> Holder | None:
    """Who holds the lease and is not known to have stopped. Raises LeaseHeld, unless it is to be
    taken over; then a lease that cannot be read is nobody's."""
    if not latest:
        return None
    try:
        before, expires = _known(vault, latest)
    except Damaged:
        if take_over:
            return None
        raise
    if moment(expires) <= clock.now() or before.process.is_dead():
        return None
    if take_over:
        return before
    raise LeaseHeld(before, expires)


def _known(vault: Vault, number: int) -> tuple[Holder, str]:
    """The holder of a link, and when its lease lapses. Raises Damaged."""
    try:
        holder = Holder.from_json(NumberedChain(vault, layout.LEASES).get(number).body)
        try:
            return holder, json.loads(vault.get(layout.renewal(number)))["expires"]
        except KeyMissing:
            return holder, holder.expires  # never renewed yet
    except Damaged as damage:
        raise damage.mended_by(
            "Make sure that nobody else's command is under way, then run this one again with "
            "--take-over: it begins a lease of its own.",
            safe="Who holds the lease is not known, and so nothing was changed.",
        ) from None


def require_free(vault: Vault) -> None:
    """Raise LeaseHeld while somebody's run is under way, as far as the vault can be read: who broke
    into it may have written anything there. Blocks."""
    with contextlib.suppress(Damaged, ValueError, TypeError, KeyError):
        _before(
            vault, NumberedChain(vault, layout.LEASES).highest(), SystemClock(), take_over=False
        )


def require_readable(vault: Vault) -> None:
    """Raise Damaged if who held the lease last cannot be read: nobody could take it then, but by
    taking it over. Blocks."""
    latest = NumberedChain(vault, layout.LEASES).highest()
    if latest:
        _known(vault, latest)


def _until(now: datetime) -> str:
    return stamp(now + timedelta(seconds=LEASE_SECONDS))
