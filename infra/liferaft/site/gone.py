"""A server that does not answer: whether its cloud still has it, and what to do if not.

That a server is there is believed of the engine's state, which knows nothing of one that somebody
deleted by hand. So when a connection fails, the cloud is asked.
"""

import asyncio

from liferaft.failures import Failure, Own
from liferaft.remote import ConnectionLost, HostKeyMismatch, Unreachable
from liferaft.site.outputs import ServerOutput
from liferaft.site.promotion import is_promoted
from liferaft.site.site import Site

CONNECTION = (Unreachable, ConnectionLost, HostKeyMismatch)
"""What says that a server is not as it is believed to be."""
ASK_SECONDS = 20.0
"""How long the cloud may take to tell."""


class ServerGone(Failure):
    """The cloud does not list a server that the site's state names."""


async def explained(site: Site, failure: Failure) -> Failure:
    """What a failure of CONNECTION means: ServerGone if the cloud does not have the server, and the
    failure itself where the cloud cannot tell."""
    address = failure.facts.details.get("host")
    try:
        servers = (await site.outputs()).servers
        found = next((one for one in servers if one.public_address == address), None)
        async with asyncio.timeout(ASK_SECONDS):
            gone = None if found is None else await gone_of(site, found, failure)
    except (Failure, TimeoutError):
        return failure  # the first reason is the one to tell
    return gone or failure


async def require_there(site: Site, server: str, silent: Failure) -> None:
    """Raise ServerGone if the cloud does not have a server that was silent so far. Where the cloud
    cannot tell, it may still boot."""
    found = (await site.outputs()).server(server)
    try:
        async with asyncio.timeout(ASK_SECONDS):
            gone = await gone_of(site, found, silent)
    except (Failure, TimeoutError):
        return
    if gone is not None:
        raise gone from silent


async def gone_of(site: Site, server: ServerOutput, silent: Failure) -> ServerGone | None:
    """What to say of a server that was `silent` if its cloud does not have it; None if it has.

    Raises Failure when the cloud cannot be asked.
    """
    if not server.id:
        return None
    cloud = site.cloud()
    if await asyncio.to_thread(cloud.kinds["server"].read, server.id) is not None:
        return None
    database = any(seat.runs_data for seat in site.roster.seats if seat.name == server.name)
    return ServerGone(
        f"{server.name} ({server.id}) of {site.name} is not at {cloud.name} any more: it was "
        "deleted there, and the site's state does not know",
        safe=Own("What lies in the vaults stays."),
        do=_after_losing_data(site.name)
        if database and await _may_have_written(site)
        else f"Note it: `liferaft refresh {site.name}`. Then run the same command again: it is "
        "made anew.",
        details={"host": server.public_address, "connection": silent.facts.happened},
    )


def _after_losing_data(site: str) -> str:
    return (
        f"The database of {site} went with it; what was archived is in the vault. Bring it back "
        "at another site: `liferaft failover SITE`."
    )


async def _may_have_written(site: Site) -> bool:
    """Whether the site's database may have taken writes: from its promotion on."""
    current = await asyncio.to_thread(site.epochs.current)
    if current is None or current.site != site.name:
        return False
    return await asyncio.to_thread(is_promoted, site.vault, current.epoch)
