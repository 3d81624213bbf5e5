"""From configuration, secrets and outputs of a site to its database."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from liferaft.compose import application
from liferaft.compose.secret_marks import names_in
from liferaft.config import Config
from liferaft.data.postgres.config import PostgresConfig
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.inspection import inspect_backup
from liferaft.data.postgres.layout import FIRST_TIMELINE, Database, cluster_of
from liferaft.data.postgres.service import AskedDatabase, asked_of, with_secrets
from liferaft.failures import BadInput
from liferaft.recovery.part import Part
from liferaft.site import own_secrets
from liferaft.site.inventory import private_network
from liferaft.site.reach import vault_accesses
from liferaft.vault import VaultFailure, each_vault

if TYPE_CHECKING:
    from liferaft.site.world import World


async def database(world: "World") -> Database:
    """The application's database on this site's database server."""
    asked = await asyncio.to_thread(asked_by_file, world.site.config)
    if asked is None:
        secrets = await world.site.secrets()
        name = role = world.site.config.app.name
        password = secrets.postgres_password.get_secret_value()
    else:
        name, role = asked.name, asked.role
        password = await _told(world, asked.password)
    declared = config_of(world.site.config)
    return Database(
        name=name,
        role=role,
        password=password,
        address=await address_of(world),
        network=private_network(world.site.config, world.site.name),
        cluster=cluster_of(world.site.config.system),
        locale=declared.locale or (asked.locale if asked else None),
        packages=declared.packages,
        extensions=declared.extensions,
        settings={**(asked.settings if asked else {}), **declared.told_settings},
    )


async def _told(world: "World", password: str) -> str:
    """The password of the file, with the application's secrets that stand in it."""
    secrets = names_in(password)
    if not secrets:
        return password
    return with_secrets(password, await own_secrets.values_of(world.site, secrets))


async def address_of(world: "World") -> str:
    """The private address of this site's database server."""
    server = (await world.site.outputs()).server(world.site.roster.running("postgres").name)
    return str(server.private_address)


def config_of(config: Config) -> PostgresConfig:
    """Its table in liferaft.toml: there is one at most."""
    tables = (one for one in config.data.values() if isinstance(one, PostgresConfig))
    return next(tables, PostgresConfig(kind="postgres"))


def require_release(config: Config) -> None:
    """Raise BadInput for packages of another PostgreSQL than that of the servers."""
    version = cluster_of(config.system).version
    lead = f"postgresql-{version}-"
    others = [name for name in config_of(config).packages if not name.startswith(lead)]
    if others:
        raise BadInput(
            f"{', '.join(others)}: packages of another PostgreSQL than {version}, which servers "
            f"have with {config.system}",
            safe="Nothing was done.",
            do=f"Name those that begin with {lead} as `packages` of the data set.",
        )


def database_name(config: Config) -> str:
    """What the application's database is called. Raises as `asked_by_file`. Blocks."""
    asked = asked_by_file(config)
    return asked.name if asked else config.app.name


def asked_by_file(config: Config) -> AskedDatabase | None:
    """What the Compose file asks for, where the database takes the place of a service of it. Raises
    ComposeInvalid, BadInput. Blocks."""
    service = config_of(config).service
    if service is None:
        return None
    described = application.described(config)
    return asked_of(described.replaced[service], config.app.compose)


async def postgres(
    world: "World",
    name: str,
    epoch: int,
    *,
    earlier: tuple[int, ...] = (),
    timeline: int = FIRST_TIMELINE,
    wal_from: tuple[str, ...] = (),
) -> Postgres:
    """The application's database as a data set: in `epoch`, after `earlier` ones.

    wal_from: vaults from which a restore is made, as the plan names them; all where it names none.
    One that did not answer as the command began is none of them.
    """
    stores = vault_accesses(world)
    named = wal_from or tuple(store.name for store in stores)
    there = tuple(name for name in named if name not in world.run.away)
    secrets = await world.site.secrets()
    cipher_pass = secrets.pgbackrest_cipher_pass.get_secret_value()

    async def is_whole(vault: str, label: str) -> bool:
        """As far as names, sizes and notes tell; one that does not answer here is not looked at."""
        part = Part("postgres", name, epoch, "", 0, {"labels": {vault: label}})
        for one in each_vault(world.site.vault):
            if one.name == vault:
                with suppress(VaultFailure):
                    found = await asyncio.to_thread(inspect_backup, one, part, cipher_pass)
                    return not found.broken
        return True

    return Postgres(
        name=name,
        database=await database(world),
        stores=stores,
        wal_from=there or named,
        is_whole=is_whole,
        full_seconds=world.site.config.snapshots.full_every.total_seconds(),
        cipher_pass=cipher_pass,
        epoch=epoch,
        earlier=earlier,
        timeline=timeline,
    )
