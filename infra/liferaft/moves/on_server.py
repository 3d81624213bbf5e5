"""A command on a server of a site, for an operator who wants to look: no step, no journal."""

from collections.abc import Sequence
from typing import Final

from liferaft.failures import BadInput
from liferaft.hosts.workload import PROJECT
from liferaft.moves.roster import roster
from liferaft.moves.world import World
from liferaft.remote.contract import Completed

SECONDS: Final = 600.0


async def run_on(world: World, server: str, command: Sequence[str]) -> Completed:
    """Run it as root, over the way that every step takes: the pinned host key, the app's own SSH
    key. Whatever its exit code, it is the operator's to judge.

    Raises BadInput for a server that the site does not have, SiteIncomplete for a site without
    servers, DeadlinePassed after SECONDS.
    """
    names = [seat.name for seat in roster(world.config).seats]
    if server not in names:
        raise BadInput(
            f"{world.site} has no server {server}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(names)}.",
        )
    async with world:
        host = await world.host(server)
        return await host.run(command, deadline=SECONDS, check=False)


def logs_of(world: World) -> str:
    """What an operator types to read the last lines of the service that users reach."""
    edge = roster(world.config).edge
    container = f"{PROJECT}_{edge.services[0]}_1"
    return f"liferaft exec {world.site} {edge.name} -- podman logs --tail 50 {container}"
