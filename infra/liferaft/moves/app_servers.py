"""Where a site has several servers for its users: which of them are well, one by one.

Users do not notice a dead one, so somebody has to be told.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from liferaft.edge.upstream import answers
from liferaft.failures import Failure
from liferaft.moves.front import front, servers_for_users
from liferaft.site.world import World

ASK_SECONDS: Final = 8.0
"""For all of them together, and for the way to the one that Caddy is on."""
_CLOSE_SECONDS: Final = 1.0
_GOOD: Final = range(200, 300)


@dataclass(frozen=True)
class AppServer:
    """One of several. is_well: None where nobody could ask; said: why it is not well."""

    server: str
    is_well: bool | None
    said: str = ""

    def __str__(self) -> str:
        if self.is_well is None:
            return f"of {self.server} it is NOT KNOWN whether it is well: {self.said}"
        return f"{self.server} {'is well' if self.is_well else f'IS NOT WELL: {self.said}'}"


async def app_servers(world: World) -> tuple[AppServer, ...]:
    """Each as Caddy asks it; none for a site with one. Raises Failure where the server that Caddy
    is on cannot be asked."""
    names = await servers_for_users(world)
    if len(names) < 2:  # noqa: PLR2004 - one has no others
        return ()
    host = await world.servers.host(world.site.roster.edge.name)
    said = await answers(host, await front(world))
    return tuple(
        AppServer(name, True) if one.status in _GOOD else AppServer(name, False, str(one))
        for name, one in zip(names, said, strict=True)
    )


async def asked(world: World, seconds: float = ASK_SECONDS) -> tuple[AppServer, ...]:
    """The same for no longer than that; what cannot be asked is told, not raised, and its line is
    closed. Not for a world in which something goes on."""
    names = await servers_for_users(world)
    if len(names) < 2:  # noqa: PLR2004 - one has no others
        return ()
    try:
        async with asyncio.timeout(seconds):
            return await app_servers(world)
    except TimeoutError:
        why = f"the servers of {world.site.name} did not answer within {seconds:.0f} s"
    except Failure as failure:
        why = failure.facts.happened.rstrip(".")
    finally:
        with suppress(TimeoutError):  # a line that is dead takes no farewell
            async with asyncio.timeout(_CLOSE_SECONDS):
                await world.servers.close()
    return tuple(AppServer(name, None, why) for name in names)


def unwell(found: Iterable[AppServer]) -> tuple[str, ...]:
    """A sentence for each that is not well. Pure."""
    return tuple(f"{one}. Users are led to the others." for one in found if not one.is_well)
