"""Connections to the servers of a site, each opened once, and the host keys that prove them."""

import asyncio
import json
from dataclasses import dataclass, field

from liferaft.clouds.inventory import InventoryMachine
from liferaft.failures import Own
from liferaft.hosts.trust import Pin
from liferaft.remote import Host, Unreachable, connect
from liferaft.site.gone import require_there
from liferaft.site.inventory import inventory
from liferaft.site.site import Site
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, layout

SSH_PORT = 22
CONNECT_SECONDS = 90.0
"""How long a server may take to let us in: it may still be booting."""
SILENT_SECONDS = 15.0
"""Seconds of silence after which the cloud is asked whether the server is there at all."""


@dataclass
class Servers:
    """The servers of one site, by their names in its roster."""

    site: Site
    _hosts: dict[str, Host] = field(default_factory=dict)
    _connecting: dict[str, asyncio.Lock] = field(default_factory=dict)

    async def host(self, server: str) -> Host:
        """A connection to a server whose host key is pinned; one until `close`."""
        lock = self._connecting.setdefault(server, asyncio.Lock())
        async with lock:
            if server not in self._hosts:
                pin = await self.pin(server)
                self._hosts[server] = await self.connect(server, [pin.public_key] if pin else [])
            return self._hosts[server]

    async def connect(self, server: str, host_keys: list[str]) -> Host:
        """A new connection that takes exactly these public host keys."""
        try:
            return await self._connect(server, host_keys, SILENT_SECONDS)
        except Unreachable as silent:
            await require_there(self.site, server, silent)
        return await self._connect(server, host_keys, CONNECT_SECONDS - SILENT_SECONDS)

    async def _connect(self, server: str, host_keys: list[str], deadline: float) -> Host:
        outputs, secrets = await self.site.outputs(), await self.site.secrets()
        machine = await self.machine(server)
        return await connect(
            outputs.server(server).public_address,
            client_key=secrets.ssh_private_key,
            host_keys=host_keys,
            deadline=deadline,
            port=machine.port if machine else SSH_PORT,
        )

    async def machine(self, server: str) -> InventoryMachine | None:
        """The declared machine that a server is; None at clouds that make servers."""
        site = self.site
        address = (await site.outputs()).server(server).public_address
        machines = inventory(site.config, site.name, site.credentials.host_keys).machines
        return next((machine for machine in machines if machine.address == address), None)

    async def pin(self, server: str) -> Pin | None:
        """The host key that is stored for a server of this site; None before the first contact.
        Raises Damaged.

        One of an earlier server of that name is none: the engine replaced that server, and the
        new one has a key of its own.
        """
        try:
            body = await asyncio.to_thread(self.site.vault.get, self._pin_key(server))
        except KeyMissing:
            return None
        except Damaged as damage:
            raise damage.mended_by(
                f"{PUT_BACK} Or delete server {server} of {self.site.name} at its cloud, then this "
                "object, and run the same command again: the new server gets a new key.",
                safe=Own(
                    "The server was not connected to: it could not have been told from another."
                ),
            ) from None
        stored = json.loads(body)
        return Pin(**stored["pin"]) if stored["server"] == await self._id(server) else None

    async def keep_pin(self, server: str, pin: Pin) -> None:
        """Store a server's host key: durable on return."""
        body = json.dumps({"server": await self._id(server), "pin": vars(pin)}).encode()
        await asyncio.to_thread(self.site.vault.put, self._pin_key(server), body)

    async def has_pins(self) -> bool:
        """Whether a host key of some server of this site is stored, of a former one as well."""
        keys = await asyncio.to_thread(self.site.vault.list, layout.pins(self.site.name))
        return bool(keys)

    async def drop_pins(self) -> None:
        """Forget the host keys of this site: its servers are gone."""
        vault = self.site.vault
        for key in await asyncio.to_thread(vault.list, layout.pins(self.site.name)):
            await asyncio.to_thread(vault.delete, key)

    async def drop_damaged_pins(self) -> None:
        """Forget the host keys of this site that cannot be read."""
        vault = self.site.vault
        for key in await asyncio.to_thread(vault.list, layout.pins(self.site.name)):
            try:
                await asyncio.to_thread(vault.get, key)
            except Damaged:
                await asyncio.to_thread(vault.delete, key)

    async def _id(self, server: str) -> str:
        return (await self.site.outputs()).server(server).id

    def _pin_key(self, server: str) -> str:
        return layout.pin(self.site.name, server)

    async def close(self) -> None:
        """End all connections. One that is lost already cannot be closed better, and hides no
        failure."""
        closing = [host.close() for host in self._hosts.values()]
        self._hosts.clear()
        await asyncio.gather(*closing, return_exceptions=True)
