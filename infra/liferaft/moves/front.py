"""From configuration and outputs of a site to the reverse proxy in front of the application."""

import asyncio
from pathlib import Path

from liferaft.compose import application
from liferaft.compose.checks import APP_PORT
from liferaft.config.values import page_text
from liferaft.edge.caddyfile import Edge, health_path
from liferaft.failures import BadInput
from liferaft.site import stations
from liferaft.site.reach import authority
from liferaft.site.world import World


async def front(world: World) -> Edge:
    """The reverse proxy in front of all servers of this site that run what faces users."""
    outputs, seats = await world.site.outputs(), world.site.roster
    whole = await asyncio.to_thread(application.described, world.site.config)
    trusts = world.site.credentials
    return Edge(
        domain=world.site.config.app.domain,
        email=world.site.config.tls.email,
        acme_directory=world.site.config.tls.acme_directory,
        upstreams=tuple(
            f"{'127.0.0.1' if seat == seats.edge else outputs.server(seat.name).private_address}"
            f":{APP_PORT}"
            for seat in stations.serving(seats, whole)
        ),
        health_path=health_path(world.site.config.app.health),
        ca_root=await _authority(trusts.acme_ca_file),
        users_root=await _authority(trusts.users_ca_file),
        page=await asyncio.to_thread(_own_page, world.site.config.app.holding_page),
    )


async def servers_for_users(world: World) -> tuple[str, ...]:
    """Names of the servers behind it, in the order of its `upstreams`."""
    whole = await asyncio.to_thread(application.described, world.site.config)
    return tuple(seat.name for seat in stations.serving(world.site.roster, whole))


async def _authority(path: Path | None) -> str | None:
    return None if path is None else (await asyncio.to_thread(authority, path)).decode()


def _own_page(path: Path | None) -> str | None:
    """The operator's holding page. Raises BadInput if it became none since it was looked at."""
    try:
        return None if path is None else page_text(path)
    except ValueError as error:
        raise BadInput(
            f"app.holding_page: {error}", safe="Nothing was done.", do="Correct the page."
        ) from error
