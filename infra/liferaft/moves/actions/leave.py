"""The application's name leaves the address of a site, before that is given away.

Whoever is given an address to which a name still leads can have a certificate for the name.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from liferaft.clouds.kinds import ADDRESS
from liferaft.dns import authoritative, departures, switch
from liferaft.dns.authoritative import ServerAnswer
from liferaft.dns.departures import Departure
from liferaft.dns.failures import DnsVendorFailed, DnsVendorSilent, ZoneNotShown
from liferaft.dns.records import Leaving
from liferaft.failures import DeadlinePassed, Failure, Own, Refused
from liferaft.moves.actions.dns import CHANGE_SECONDS, VENDOR_SECONDS, change_name, vendor_of
from liferaft.plan.telling import TOLD, tell_meanwhile
from liferaft.remote.waiting import wait_until
from liferaft.site.outputs import SiteIncomplete
from liferaft.site.world import World

LEAVE_SECONDS = CHANGE_SECONDS + 120
"""A step, in which its cloud is asked as well for what addresses the site has."""
PUBLISHED_SECONDS = 300.0
"""How long name servers may take until none of them answers with the address any more."""
LONGEST_SECONDS = 3600
"""For longer nobody waits here: the command is run again then."""
OUTLAST_SECONDS = PUBLISHED_SECONDS + LONGEST_SECONDS + 120
EMPTIED_SECONDS = 60.0
"""How long name servers may take to show that our record was the only one of its zone."""
SERVERS = "name_servers"
"""In place of a vendor, none of which may be called so: what name servers were seen to say."""
NOTE_EVERY = timedelta(seconds=30)
_EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class LeaveAddress:
    """At one vendor the domain points to no address of the site: to that of another site if there
    is one where the application is, else to none."""

    vendor: str
    site: str
    instead: str | None

    async def holds(self, world: World) -> bool:
        """A site without an address has nothing that could be given away."""
        leaving = await self._leaving(world)
        if leaving is None:
            return True
        (found,) = await switch.plan(
            [vendor_of(world, self.vendor)], leaving, deadline=VENDOR_SECONDS
        )
        if isinstance(found.failure, ZoneNotShown):
            return await self._is_empty(leaving)
        return found.is_ok and not found.changes

    async def apply(self, world: World) -> Mapping[str, Any]:
        leaving = await self._leaving(world)
        if leaving is None:
            return {"unchanged": True}
        try:
            outcome = await change_name(world, vendor_of(world, self.vendor), leaving)
        except (DnsVendorFailed, DnsVendorSilent) as failure:
            raise self._unanswered(failure, leaving) from failure
        return {"changes": list(outcome.changes), "addresses": sorted(leaving.addresses)}

    async def prove(self, world: World) -> None:
        """Asked again, the vendor shows it so."""
        leaving = await self._leaving(world)
        if leaving is None:
            return
        try:
            vendor = vendor_of(world, self.vendor)
            await switch.confirm(vendor, leaving, deadline=VENDOR_SECONDS)
        except ZoneNotShown:

            async def is_seen() -> bool:
                return await self._is_empty(leaving)

            if not await wait_until(is_seen, seconds=EMPTIED_SECONDS, every=_EVERY_SECONDS):
                raise

    async def _is_empty(self, leaving: Leaving) -> bool:
        """A zone of which nothing is shown has no record any more, and is not kept from us: its
        name servers say so. An address that is none of ours may be the vendor's own, who leads on
        to the site."""
        said = await authoritative.ask_all(leaving.zone, leaving.domain)
        elsewhere = {leaving.instead} if leaving.instead else set[str]()
        return bool(said) and all(one.addresses <= elsewhere for one in said)

    def _unanswered(self, failure: Failure, leaving: Leaving) -> Refused:
        return Refused(
            f"Whether {leaving.domain} still points to {self.site} cannot be told: "
            f"{failure.facts.happened}",
            safe=Own(
                f"{', '.join(sorted(leaving.addresses))} is still the address of {self.site}."
            ),
            do="Run the same command again once the vendor answers. Is it gone for good, take it "
            "out of the zone's delegation at your registrar, and then out of the configuration.",
            details=failure.facts.details,
        )

    async def _leaving(self, world: World) -> Leaving | None:
        addresses = await addresses_of(world)
        if not addresses:
            return None
        config = world.site.config
        return Leaving(
            config.dns.zone,
            config.app.domain,
            addresses,
            await self._address_instead(world),
            config.dns.ttl,
        )

    async def _address_instead(self, world: World) -> str | None:
        """None where the other site has no address either."""
        if self.instead is None:
            return None
        other = replace(world.site, name=self.instead)
        other.forget_outputs()
        try:
            return (await other.outputs()).address
        except SiteIncomplete:
            return None


@dataclass(frozen=True)
class OutlastAddress:
    """Nobody is led to the site's address any more: no name server answers with it, and whatever
    resolvers were told before has run out."""

    site: str

    async def holds(self, world: World) -> bool:
        addresses = await addresses_of(world)
        return not await _answering(world, addresses) and await _left(world, addresses) <= 0

    async def apply(self, world: World) -> Mapping[str, Any]:
        addresses = await addresses_of(world)
        asked, ttl = await _unpublished(world, addresses)
        seconds = max(await _left(world, addresses), ttl)
        told = () if asked else (_UNASKED.format(zone=world.site.config.dns.zone),)
        if seconds > LONGEST_SECONDS:
            raise _too_long(world, addresses, seconds)
        await _sit_out(seconds, addresses)
        return {"waited": round(max(seconds, 0)), TOLD: list(told)}

    async def prove(self, world: World) -> None:
        """Asked again: somebody may have pointed the name back meanwhile."""
        addresses = await addresses_of(world)
        if late := await _answering(world, addresses):
            raise _still_published(late)


_UNASKED = (
    "The name servers of {zone} cannot be asked from here: that the name does not lead to the site "
    "any more is as the DNS vendors say."
)


async def addresses_of(world: World) -> frozenset[str]:
    """Public addresses that the site has: what its stack exports, and what its cloud lists as its.
    A state that was lost, or is older than the site, knows less than the cloud."""
    found: set[str] = set()
    with suppress(SiteIncomplete):
        found.add((await world.site.outputs()).address)
    cloud, app = world.site.cloud(), world.site.config.app.name
    if ADDRESS.name in cloud.kinds:
        kind = cloud.kinds[ADDRESS.name]
        for owned in await asyncio.to_thread(kind.owned_by, app=app, site=world.site.name):
            facts = await asyncio.to_thread(kind.read, owned.id)
            if facts is not None:
                found.add(facts.address)
    return frozenset(found)


async def _left(world: World, addresses: frozenset[str]) -> float:
    """Seconds until the last departure from them is over."""
    vault, now = world.site.vault, departures.now()
    noted = [
        departure
        for address in sorted(addresses)
        for departure in await asyncio.to_thread(departures.departures, vault, address)
    ]
    return max(((one.until - now).total_seconds() for one in noted), default=0.0)


async def _sit_out(seconds: float, addresses: frozenset[str]) -> None:
    end = departures.now() + timedelta(seconds=seconds)

    def left() -> float:
        return (end - departures.now()).total_seconds()

    async def is_over() -> bool:
        return left() <= 0

    async with tell_meanwhile(
        lambda: (
            f"resolvers may still lead users to {', '.join(sorted(addresses))}, for "
            f"{left():.0f} s more"
        )
    ):
        await wait_until(is_over, seconds=seconds + 60, every=1.0)


async def _answering(world: World, addresses: frozenset[str]) -> tuple[ServerAnswer, ...]:
    """Name servers that answer with one of the addresses."""
    if not addresses:
        return ()
    said = await authoritative.ask_all(world.site.config.dns.zone, world.site.config.app.domain)
    return tuple(answer for answer in said if not answer.addresses.isdisjoint(addresses))


async def _unpublished(world: World, addresses: frozenset[str]) -> tuple[bool, int]:
    """Wait until no name server answers with the addresses. Whether any could be asked, and for how
    many seconds resolvers may keep what was answered until now."""
    if not addresses:
        return True, 0
    config, end, ttl = world.site.config, time.monotonic() + PUBLISHED_SECONDS, 0
    late: tuple[ServerAnswer, ...] = ()
    noted = departures.now()
    async with tell_meanwhile(lambda: "; ".join(map(str, late)) or "asking the name servers"):
        while True:
            said = await authoritative.ask_all(config.dns.zone, config.app.domain)
            late = tuple(one for one in said if not one.addresses.isdisjoint(addresses))
            if not late:
                return bool(said), ttl
            ttl = max(ttl, *(one.ttl for one in late))
            if departures.now() >= noted:
                noted = await _note(world, addresses, late, ttl)
            if time.monotonic() > end:
                raise _still_published(late)
            await asyncio.sleep(_EVERY_SECONDS)


async def _note(
    world: World, addresses: frozenset[str], late: tuple[ServerAnswer, ...], ttl: int
) -> datetime:
    """What name servers say to resolvers, for the next run: nobody tells it afterwards. Until when
    that is right, should they go on."""
    until = departures.now() + NOTE_EVERY
    for address in sorted(addresses & frozenset[str]().union(*(one.addresses for one in late))):
        departure = Departure(address, SERVERS, until, ttl)
        await asyncio.to_thread(departures.note, world.site.vault, departure)
    return until


def _still_published(late: tuple[ServerAnswer, ...]) -> Refused:
    return Refused(
        f"Name servers still lead users to the site: {'; '.join(map(str, late))}",
        safe=Own("The address is still the site's, and so is all else."),
        do="If that vendor is in the configuration, look at its zone. If it is not, point the name "
        "elsewhere there, or take it out of the delegation. Then run the same command again.",
    )


def _too_long(world: World, addresses: frozenset[str], seconds: float) -> DeadlinePassed:
    until = departures.now() + timedelta(seconds=seconds)
    return DeadlinePassed(
        f"The record of {world.site.config.app.domain} had a TTL by which resolvers may lead users "
        f"to {', '.join(sorted(addresses))} until {until:%Y-%m-%d %H:%M:%S} UTC",
        safe=Own("The name points there no more; the address is still the site's."),
        do="Run the same command again then.",
    )
