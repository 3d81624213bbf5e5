"""From configuration, secrets and outputs of a site to its database."""

from typing import TYPE_CHECKING

from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import FIRST_TIMELINE, Database
from liferaft.site.inventory import private_network
from liferaft.site.reach import vault_accesses

if TYPE_CHECKING:
    from liferaft.site.world import World


async def database(world: "World") -> Database:
    """The application's database on this site's database server."""
    server = (await world.site.outputs()).server(world.site.roster.running("postgres").name)
    secrets = await world.site.secrets()
    name = world.site.config.app.name
    return Database(
        name=name,
        role=name,
        password=secrets.postgres_password.get_secret_value(),
        address=server.private_address,
        network=private_network(world.site.config, world.site.name),
    )


async def postgres(
    world: "World",
    name: str,
    epoch: int,
    *,
    earlier: tuple[int, ...] = (),
    timeline: int = FIRST_TIMELINE,
) -> Postgres:
    """The application's database as a data set: in `epoch`, after `earlier` ones."""
    secrets = await world.site.secrets()
    return Postgres(
        name=name,
        database=await database(world),
        stores=vault_accesses(world),
        cipher_pass=secrets.pgbackrest_cipher_pass.get_secret_value(),
        epoch=epoch,
        earlier=earlier,
        timeline=timeline,
    )
