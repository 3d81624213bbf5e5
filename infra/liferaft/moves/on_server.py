"""A command on a server of a site, for an operator who wants to look: no step, no journal."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from liferaft.failures import BadInput, DeadlinePassed, Failure
from liferaft.hosts.workload import PROJECT
from liferaft.remote.contract import CommandFailed, Completed, ConnectionLost
from liferaft.site.world import World

SECONDS: Final = 600.0
_ITS_OWN: Final = "No step of a move was begun. What the command itself did on the server stays."


async def run_on(world: World, server: str, command: Sequence[str]) -> Completed:
    """Run it as root, over the way that every step takes: the pinned host key, the app's own SSH
    key. Whatever its exit code, it is the operator's to judge.

    Raises BadInput for a server that the site does not have, SiteIncomplete for a site without
    servers, DeadlinePassed after SECONDS. A failure says what is safe and what to do, which the
    rooms below leave to steps: here is none.
    """
    names = [seat.name for seat in world.site.roster.seats]
    if server not in names:
        raise BadInput(
            f"{world.site.name} has no server {server}",
            safe="Nothing was done.",
            do=f"Name one of: {', '.join(names)}.",
        )
    async with world:
        try:
            host = await world.servers.host(server)
        except Failure as failure:
            failure.facts = replace(
                failure.facts,
                safe=f"The command was not run on {server}, and nothing was changed there.",
                do=failure.facts.do or "Mend the cause, then run the same command again.",
            )
            raise
        try:
            return await host.run(command, deadline=SECONDS, check=False)
        except (DeadlinePassed, CommandFailed, ConnectionLost) as failure:
            failure.facts = replace(failure.facts, safe=_ITS_OWN, do=_way_on(failure))
            raise


def _way_on(failure: Failure) -> str:
    match failure:
        case ConnectionLost():
            return "See on the server whether it ran to its end, before it is given again."
        case CommandFailed():
            return "Ask for less of what it writes, as by `tail` or `grep`."
        case _:
            return (
                "What takes longer: start it in the background, as by `systemd-run`, and look at "
                "it by further commands."
            )


def logs_of(world: World) -> str:
    """What an operator types to read the last lines of the service that users reach."""
    edge = world.site.roster.edge
    container = f"{PROJECT}_{edge.services[0]}_1"
    return f"liferaft exec {world.site.name} {edge.name} -- podman logs --tail 50 {container}"
