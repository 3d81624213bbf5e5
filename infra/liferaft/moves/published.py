"""Whether every name server leads where the name points: before a certificate is ordered for it.

An authority asks any of the zone's name servers. One that still answers as before the change costs
one of the few validations that may fail in an hour.
"""

import asyncio
import time

from liferaft.dns import authoritative, departures
from liferaft.dns.authoritative import ServerAnswer
from liferaft.failures import DeadlinePassed, Own
from liferaft.plan.telling import tell, tell_meanwhile
from liferaft.site.world import World

PUBLISHED_SECONDS = 300.0
"""How long a vendor may take from a change to its last name server."""
EVERY_SECONDS = 2.0


async def wait_until_published(world: World) -> None:
    """Return once no name server of the zone answers with nothing, or with an address that the name
    has left; where none can be asked from here, at once. Raises DeadlinePassed.

    Addresses that are neither ours nor left are a vendor's own, which stand before ours.
    """
    zone, domain = world.site.config.dns.zone, world.site.config.app.domain
    address = (await world.site.outputs()).address
    end, late = time.monotonic() + PUBLISHED_SECONDS, list[ServerAnswer]()
    async with tell_meanwhile(lambda: _seen(late, address)):
        while True:
            answers = await authoritative.ask_all(zone, domain)
            late[:] = [one for one in answers if await _is_late(world, one, address)]
            if not answers:
                tell(f"the name servers of {zone} cannot be asked from here")
            if not late:
                return
            if time.monotonic() > end:
                raise _unpublished(late, domain, address)
            await asyncio.sleep(EVERY_SECONDS)


async def _is_late(world: World, answer: ServerAnswer, address: str) -> bool:
    if address in answer.addresses:
        return False
    if not answer.addresses:
        return True
    left = [
        await asyncio.to_thread(departures.has_left, world.site.vault, one)
        for one in sorted(answer.addresses)
    ]
    return any(left)


def _seen(late: list[ServerAnswer], address: str) -> str:
    waited = "; ".join(map(str, late)) or "they are asked"
    return f"name servers do not lead to {address} yet: {waited}"


def _unpublished(late: list[ServerAnswer], domain: str, address: str) -> DeadlinePassed:
    return DeadlinePassed(
        f"Waited {PUBLISHED_SECONDS:.0f} s until every name server leads {domain} to {address}: "
        + "; ".join(map(str, late)),
        safe=Own("No certificate was ordered: an order that fails counts against few that may."),
        do="Look at the zone at that vendor. If a name server is not the vendor's any more, take "
        "it out of the zone's delegation. Then run the same command again.",
    )
