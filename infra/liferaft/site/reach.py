"""What servers of a site reach by themselves, and whom they trust on the way."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from liferaft import texts
from liferaft.config import VaultConfig
from liferaft.config.urls import HTTPS_PORT
from liferaft.failures import BadInput

if TYPE_CHECKING:
    from liferaft.site.world import World

CA_FILE: Final = "/etc/liferaft/ca.crt"
"""On every host: the authorities of vault, buckets and certificates beyond the system's own."""


@dataclass(frozen=True)
class VaultAccess:
    """How a HOST reaches one vault. A key that may only read is enough for every restore."""

    name: str
    """The vault's name in liferaft.toml; names folders on the host: letters, digits, hyphens."""
    bucket: str
    host: str
    """Name of the endpoint. A DNS name: pgBackRest 2.45 fails TLS against a bare IP address."""
    port: int
    region: str
    access_key: str
    secret_key: str = field(repr=False)
    ca_file: str | None = None
    """Path ON THE HOST of the authority that signed the endpoint; None: the system's."""
    prefix: str = ""
    """The app's part of the bucket, with its slash at the end: `chirp/`."""

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}"


def vault_access(world: "World") -> VaultAccess:
    """How hosts reach the first vault. Raises BadInput for a vault that is a folder."""
    name = world.site.config.first_vault
    access = _access(world, name)
    if access is None:
        raise _is_a_folder(name)
    return access


class KeysOf(Enum):
    """Whose keys a host is given for a vault."""

    HOSTS = "what a site's servers hold: they add, and read"
    READING = "what they are given to try a restore"
    OPERATOR = "what may delete: for the one act that does"


def vault_accesses(world: "World", keys: KeysOf = KeysOf.HOSTS) -> tuple[VaultAccess, ...]:
    """How hosts reach every vault, in the order in which they are used. Raises BadInput where all
    are folders; one that is a folder beside others keeps records alone."""
    found = [_access(world, name, keys) for name in world.site.vault_order]
    reached = tuple(access for access in found if access is not None)
    if not reached:
        raise _is_a_folder(world.site.config.first_vault)
    return reached


def _is_a_folder(name: str) -> BadInput:
    return BadInput(
        f"Vault {name} is a folder: servers cannot reach it",
        safe="Nothing was done.",
        do="Use a vault with an s3:// URL.",
    )


def store_of(vault: VaultConfig) -> tuple[str, int] | None:
    """Host and port at which servers reach a vault; None for a folder. Pure."""
    if not vault.url.startswith("s3:"):
        return None
    endpoint = urlsplit(vault.endpoint or f"https://s3.{vault.region}.amazonaws.com")
    return (endpoint.hostname, endpoint.port or HTTPS_PORT) if endpoint.hostname else None


def _access(world: "World", name: str, whose: KeysOf = KeysOf.HOSTS) -> VaultAccess | None:
    """None for a vault that is a folder."""
    vault = world.site.config.vaults[name]
    keys = world.site.credentials.vaults[name]
    if whose is not KeysOf.OPERATOR:
        keys = keys.for_reading() if whose is KeysOf.READING else keys.held_by_hosts()
    store = store_of(vault)
    if keys.access_key_id is None or keys.secret_access_key is None or store is None:
        return None
    return VaultAccess(
        name=name,
        bucket=urlsplit(vault.url).netloc,
        host=store[0],
        port=store[1],
        region=vault.region,
        access_key=keys.access_key_id.get_secret_value(),
        secret_key=keys.secret_access_key.get_secret_value(),
        ca_file=CA_FILE if keys.ca_file else None,
        prefix=f"{world.site.config.app.name}/",
    )


async def authorities(world: "World") -> bytes:
    """PEM of every private authority that servers and the application have to trust."""
    files = [keys.ca_file for keys in world.site.credentials.vaults.values()]
    named = dict.fromkeys(path for path in (*files, world.site.credentials.users_ca_file) if path)
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
