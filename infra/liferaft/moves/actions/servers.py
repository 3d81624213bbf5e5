"""From a server that booted to one that can be worked on."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from liferaft.clouds.inventory import InventoryMachine
from liferaft.hosts import packages
from liferaft.hosts.trust import Pin, establish
from liferaft.remote import Host, apt
from liferaft.remote.files import HostFile, differing
from liferaft.secrets import public_key
from liferaft.site.reach import CA_FILE, VaultAccess, authorities, vault_accesses
from liferaft.site.world import World

INSTALL_SECONDS = 600.0 + apt.WAIT_SECONDS
"""Seconds for packages from the host's own sources, behind whoever installs there already: a
machine image that has them needs none of it."""


@dataclass(frozen=True)
class TrustServer:
    """The server answers with a host key of its own, which is pinned in the vault. That of a
    declared machine was learnt before, on a safe way: it is the one that counts, and stays."""

    server: str

    async def holds(self, world: World) -> bool:
        """Settled, and the server proves it."""
        pin = await world.servers.pin(self.server)
        machine = await world.servers.machine(self.server)
        if pin is None or not pin.settled:
            return False
        if machine is not None and pin != _declared(machine):
            return False
        await world.servers.host(self.server)
        return True

    async def apply(self, world: World) -> Mapping[str, Any]:
        machine = await world.servers.machine(self.server)
        if machine is not None:
            await (await world.servers.connect(self.server, [machine.host_key])).close()
            await world.servers.keep_pin(self.server, _declared(machine))
            return {}
        secrets = await world.site.secrets()
        throwaway = public_key(secrets.throw_away_host_key(world.site.name, self.server))

        async def connect_as(keys: Sequence[str]) -> Host:
            return await world.servers.connect(self.server, list(keys))

        async def keep(pin: Pin) -> None:
            await world.servers.keep_pin(self.server, pin)

        await establish(
            connect_as, throwaway=throwaway, stored=await world.servers.pin(self.server), store=keep
        )
        return {}

    async def prove(self, world: World) -> None:
        host = await world.servers.host(self.server)
        await host.run(["true"], deadline=30)


def _declared(machine: InventoryMachine) -> Pin:
    return Pin(" ".join(machine.host_key.split()[:2]), settled=True)


@dataclass(frozen=True)
class EquipServer:
    """The server has its packages, and trusts the authorities that vault, buckets and
    certificates are signed by."""

    server: str
    packages: tuple[str, ...]

    async def holds(self, world: World) -> bool:
        wanted = HostFile(CA_FILE, await authorities(world))
        host = await world.servers.host(self.server)
        if await packages.missing(host, self.packages):
            return False
        return not await differing(host, [wanted], reader="nobody")

    async def apply(self, world: World) -> Mapping[str, Any]:
        host = await world.servers.host(self.server)
        installed = await packages.install(host, self.packages, deadline=INSTALL_SECONDS)
        # Everybody's to read, PostgreSQL's archiver among them; what is secret lies below, closed.
        await host.run(["install", "-d", "-m", "755", str(PurePosixPath(CA_FILE).parent)])
        await host.put(CA_FILE, await authorities(world), mode=0o644)
        return {"installed": list(installed)}

    async def prove(self, world: World) -> None:
        """The server reaches a vault: everything that follows depends on it."""
        vaults = vault_accesses(world)
        host = await world.servers.host(self.server)
        asking = [_question(vault) for vault in vaults]
        several = ["bash", "-c", " || ".join(shlex.join(question) for question in asking)]
        await host.wait(
            asking[0] if len(asking) == 1 else several,
            until=f"{self.server} to reach vault {' or '.join(vault.name for vault in vaults)}",
            deadline=30,
        )


def _question(vault: VaultAccess) -> list[str]:
    trust = ["--cacert", CA_FILE] if vault.ca_file else []
    return ["curl", "--silent", "--max-time", "5", *trust, "--output", "/dev/null", vault.url]
