"""Pointing the app's domain somewhere, or away: what would change at each vendor, and the change.

Every vendor is asked by itself and at the same time: one that fails or hangs is one failed outcome.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from liferaft.dns.budget import begin_writing
from liferaft.dns.changes import Proposal, propose
from liferaft.dns.failures import DnsChangeRefused, NotYetShown
from liferaft.dns.leaving import propose_leaving
from liferaft.dns.records import Leaving, OwnRecords
from liferaft.dns.vendors import DnsVendor, OctoProvider, ask
from liferaft.failures import Failure, Own
from liferaft.remote.waiting import wait_until

Wanted = OwnRecords | Leaving
"""Where the domain shall point, or where it shall not."""
EVERY_SECONDS: Final = 0.25
"""Between two looks at a vendor that shows a change late."""


@dataclass(frozen=True)
class ZoneOutcome:
    """What came of one vendor."""

    vendor: str
    changes: tuple[str, ...] = ()
    """Sentences: what would change (`plan`) or was changed (`apply`). Empty: it was as wanted."""
    warnings: tuple[str, ...] = ()
    """What is not ours, stays, and may lead users elsewhere."""
    leaves: tuple[tuple[str, int], ...] = ()
    """Addresses that the name points to no more, with the seconds that resolvers may keep each."""
    failure: Failure | None = None

    @property
    def is_ok(self) -> bool:
        """The vendor did what was asked."""
        return self.failure is None


async def plan(
    vendors: Sequence[DnsVendor], wanted: Wanted, *, deadline: float
) -> tuple[ZoneOutcome, ...]:
    """What `apply` would change, per vendor, in their order. `deadline`: seconds for each."""
    return await _each(vendors, lambda provider: _proposal(provider, wanted), deadline)


async def apply(
    vendors: Sequence[DnsVendor], wanted: Wanted, *, deadline: float
) -> tuple[ZoneOutcome, ...]:
    """Make the records so at every vendor that answers; a second time changes nothing."""

    def change(provider: OctoProvider) -> Proposal:
        proposal = _proposal(provider, wanted)
        if proposal.plan is None:
            return proposal
        begin_writing()
        if not provider.apply(proposal.plan):
            raise DnsChangeRefused(
                "The vendor's class made no change, and says no more.",
                safe=Own("The zone is as it was."),
                do="Take out the option that keeps it from writing (apply_disabled).",
            )
        return proposal

    return await _each(vendors, change, deadline)


def _proposal(provider: OctoProvider, wanted: Wanted) -> Proposal:
    if isinstance(wanted, Leaving):
        return propose_leaving(provider, wanted)
    return propose(provider, wanted)


async def holds(vendors: Sequence[DnsVendor], wanted: Wanted, *, deadline: float) -> bool:
    """Every vendor answers and has the records so."""
    outcomes = await plan(vendors, wanted, deadline=deadline)
    return all(outcome.is_ok and not outcome.changes for outcome in outcomes)


async def confirm(vendor: DnsVendor, wanted: Wanted, *, deadline: float) -> None:
    """Return once the vendor, asked anew, has the records so; some show a change late.

    Its own failure, or NotYetShown after `deadline` seconds.
    """
    missing: tuple[str, ...] = ()

    async def is_shown() -> bool:
        nonlocal missing
        (outcome,) = await plan([vendor], wanted, deadline=deadline)
        if outcome.failure:
            raise outcome.failure
        missing = outcome.changes
        return not missing

    if not await wait_until(is_shown, seconds=deadline, every=EVERY_SECONDS):
        raise NotYetShown(
            f"The DNS vendor {vendor.name} took the change of {wanted.domain}, and still "
            f"does not show it after {deadline:g} s.",
            do="Look at the zone at the vendor, then run the same command again.",
            details={"missing": "; ".join(missing)},
        )


async def _each(
    vendors: Sequence[DnsVendor], question: Callable[[OctoProvider], Proposal], deadline: float
) -> tuple[ZoneOutcome, ...]:
    async def one(vendor: DnsVendor) -> ZoneOutcome:
        try:
            proposal = await ask(vendor, question, deadline)
        except Failure as failure:
            return ZoneOutcome(vendor.name, failure=failure)
        return ZoneOutcome(vendor.name, proposal.changes, proposal.warnings, leaves=proposal.leaves)

    return tuple(await asyncio.gather(*(one(vendor) for vendor in vendors)))
