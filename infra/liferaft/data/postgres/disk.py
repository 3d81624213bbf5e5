"""What the disk of the database that reigns has left, and which vaults take its archive, asked of
its server."""

from dataclasses import dataclass

from liferaft.data.postgres import space, vaults
from liferaft.data.postgres.layout import cluster_of
from liferaft.failures import Facts, Failure
from liferaft.site.world import World


@dataclass(frozen=True)
class DatabaseDisk:
    """`free` is in bytes; `waiting` counts files of WAL that some vault does not have yet;
    `lasts_seconds`: how long until the disk is full, None while the archive keeps up. `vaults`:
    what is to be said of those that are not whole. `trouble`: why the server could not be asked."""

    server: str
    free: int | None = None
    waiting: int | None = None
    lasts_seconds: float | None = None
    vaults: tuple[str, ...] = ()
    trouble: Facts | None = None


async def database_disk(world: World) -> DatabaseDisk:
    """Reads only; what is refused is told, not raised."""
    server = world.site.roster.running("postgres").name
    try:
        async with world:
            host = await world.servers.host(server)
            found = await space.measure(host, cluster_of(world.site.config.system))
            lacking = await vaults.notes(host)
    except Failure as failure:
        return DatabaseDisk(server, trouble=failure.facts)
    said = tuple(one.sentence for one in lacking)
    return DatabaseDisk(server, found.free, found.waiting, found.lasts, said)
