"""From configuration, secrets and outputs to the values that the kinds of data want."""

import asyncio
import hashlib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from liferaft import texts
from liferaft.config.values import page_text
from liferaft.data.bucket import Bucket
from liferaft.data.bucket_program import SiteBucket
from liferaft.data.certificates import Certificates
from liferaft.data.contract import VaultAccess
from liferaft.data.images import Image
from liferaft.data.postgres.dataset import Postgres
from liferaft.data.postgres.layout import FIRST_TIMELINE, Database
from liferaft.data.rclone import Seal, Sealed
from liferaft.edge.caddyfile import STORAGE, Edge, health_path
from liferaft.failures import BadInput
from liferaft.hosts import archives
from liferaft.hosts.archives import Archive
from liferaft.hosts.compose_checks import APP_PORT
from liferaft.site.inventory import private_network
from liferaft.site.outputs import SiteIncomplete
from liferaft.site.world import World

CA_FILE = "/etc/liferaft/ca.crt"
"""On every host: the authorities of vault, buckets and certificates beyond the system's own."""


def vault_access(world: World) -> VaultAccess:
    """How hosts reach the first vault. Raises BadInput for a vault that is a folder."""
    name, vault = next(iter(world.site.config.vaults.items()))
    keys = world.site.credentials.vaults[name]
    endpoint = urlsplit(vault.endpoint or f"https://s3.{vault.region}.amazonaws.com")
    if keys.access_key_id is None or keys.secret_access_key is None or not endpoint.hostname:
        raise BadInput(
            f"Vault {name} is a folder: servers cannot reach it",
            safe="Nothing was done.",
            do="Use a vault with an s3:// URL.",
        )
    return VaultAccess(
        name=name,
        bucket=urlsplit(vault.url).netloc,
        host=endpoint.hostname,
        port=endpoint.port or 443,
        region=vault.region,
        access_key=keys.access_key_id.get_secret_value(),
        secret_key=keys.secret_access_key.get_secret_value(),
        ca_file=CA_FILE if keys.ca_file else None,
        prefix=f"{world.site.config.app.name}/",
    )


async def database(world: World) -> Database:
    """The application's database on this site's database server."""
    server = (await world.site.outputs()).server(world.site.roster.database.name)
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
    world: World, epoch: int, *, earlier: Iterable[int] = (), timeline: int = FIRST_TIMELINE
) -> Postgres:
    """The application's database as a data set: in the reign `epoch`, after `earlier` ones."""
    secrets = await world.site.secrets()
    return Postgres(
        name=world.site.config.data_of_kind("postgres") or "db",
        database=await database(world),
        stores=(vault_access(world),),
        cipher_pass=secrets.pgbackrest_cipher_pass.get_secret_value(),
        epoch=epoch,
        earlier=tuple(earlier),
        timeline=timeline,
    )


async def sealed(world: World) -> Sealed:
    """The vault as servers see it: everything in it encrypted."""
    secrets = await world.site.secrets()
    seal = Seal(secrets.rclone_password.get_secret_value(), secrets.rclone_salt.get_secret_value())
    return Sealed(vault_access(world), seal)


async def bucket(world: World, name: str, later: tuple[int, ...] = ()) -> Bucket:
    """One data set of kind bucket at this site. `later`: reigns since the point to restore."""
    return Bucket(name, await site_bucket(world), await sealed(world), later)


async def site_bucket(world: World) -> SiteBucket:
    """The site's bucket, as its own servers and the application reach it."""
    outputs = await world.site.outputs()
    if outputs.bucket is None:
        raise SiteIncomplete(f"Site {world.site.name} has no bucket", do="Deploy the site again.")
    keys = world.site.credentials.buckets[world.site.name]
    return SiteBucket(
        bucket=outputs.bucket.name,
        url=outputs.bucket.endpoint,
        region=outputs.bucket.region,
        access_key=keys.access_key_id.get_secret_value(),
        secret_key=keys.secret_access_key.get_secret_value(),
        ca_file=CA_FILE if await authorities(world) else None,
    )


async def certificates(world: World) -> Certificates:
    """Caddy's storage on the edge server."""
    return Certificates(await sealed(world), folder=STORAGE)


async def images(world: World) -> tuple[tuple[Path, Image], ...]:
    """The application's images: the operator's archives and what they are called by content."""
    over = await sealed(world)
    for path in world.site.config.app.images:
        if path not in world.run.archives:
            world.run.archives[path] = await asyncio.to_thread(_opened, path)
    opened = ((path, *world.run.archives[path]) for path in world.site.config.app.images)
    return tuple((path, Image(one.key, content, over, one.names)) for path, content, one in opened)


def _opened(path: Path) -> tuple[str, Archive]:
    return digest(path), archives.read(path)


def digest(path: Path) -> str:
    """Hex SHA-256 of a file. Raises BadInput when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(
            f"The image {path} cannot be read: {error.strerror}",
            safe="Nothing was done.",
            do="Build it, or correct app.images.",
        ) from error


async def edge(world: World) -> Edge:
    """The reverse proxy in front of all application servers of this site."""
    outputs, seats = await world.site.outputs(), world.site.roster
    ca_file = world.site.credentials.acme_ca_file
    return Edge(
        domain=world.site.config.app.domain,
        email=world.site.config.tls.email,
        acme_directory=world.site.config.tls.acme_directory,
        upstreams=tuple(
            f"{'127.0.0.1' if seat == seats.edge else outputs.server(seat.name).private_address}"
            f":{APP_PORT}"
            for seat in seats.app
        ),
        health_path=health_path(world.site.config.app.health),
        ca_root=(await asyncio.to_thread(authority, ca_file)).decode() if ca_file else None,
        page=await asyncio.to_thread(_own_page, world.site.config.app.holding_page),
    )


def _own_page(path: Path | None) -> str | None:
    """The operator's holding page. Raises BadInput if it became none since it was looked at."""
    try:
        return None if path is None else page_text(path)
    except ValueError as error:
        raise BadInput(
            f"app.holding_page: {error}", safe="Nothing was done.", do="Correct the page."
        ) from error


async def authorities(world: World) -> bytes:
    """PEM of every private authority that servers and the application have to trust."""
    files = [keys.ca_file for keys in world.site.credentials.vaults.values()]
    named = dict.fromkeys(path for path in (*files, world.site.credentials.acme_ca_file) if path)
    return b"".join([await asyncio.to_thread(authority, path) for path in named])


def authority(path: Path) -> bytes:
    """The PEM in a ca_file. Raises BadInput when it cannot be read."""
    try:
        return texts.read_authority(path)
    except texts.Unreadable as error:
        raise BadInput(
            f"The authority {path} cannot be read: {error}",
            safe="Nothing was done.",
            do="Correct ca_file, or the variable that it names.",
        ) from error
