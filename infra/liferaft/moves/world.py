"""The world as one run sees it: configuration, vault, engine, connections to servers.

Everything is opened once and closed at the end. Actions ask it; none of them reads the environment
or keeps a connection of its own.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from liferaft.clouds.inventory import InventoryMachine
from liferaft.config import Config, Credentials
from liferaft.failures import Own
from liferaft.hosts.archives import Archive
from liferaft.hosts.trust import Pin
from liferaft.moves.inventory import inventory
from liferaft.moves.outputs import SiteOutputs
from liferaft.provision.engine.contract import Engine
from liferaft.remote import Host, Unreachable, connect
from liferaft.secrets import AppSecrets, read_secrets
from liferaft.vault import PUT_BACK, Damaged, EpochChain, KeyMissing, Vault, layout

SSH_PORT = 22
CONNECT_SECONDS = 90.0
"""How long a server may take to let us in: it may still be booting."""
SILENT_SECONDS = 15.0
"""After how long of it the cloud is asked whether the server is there at all."""


@dataclass
class World:
    """What the actions of one run share.

    Attributes:
        site: the site that the run works on.
        secrets_epoch: the reign whose secrets are used.
        run: the run's id, which marks what it wrote.
        environment: what the engine's provider is given: the clouds' credentials.
        lose_from: the segment of WAL that the operator gives up, with all that follows it.
        archives: the operator's image archives with their digests, each read once: one run means
            one content.
    """

    config: Config
    credentials: Credentials
    environment: Mapping[str, str] = field(repr=False)
    vault: Vault
    engine: Engine
    site: str
    secrets_epoch: int
    run: str
    lose_from: str | None = None
    archives: dict[Path, tuple[str, Archive]] = field(default_factory=dict, repr=False)
    _secrets: AppSecrets | None = field(default=None, repr=False)
    _outputs: SiteOutputs | None = None
    _hosts: dict[str, Host] = field(default_factory=dict)
    _connecting: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def epochs(self) -> EpochChain:
        """The chain of reigns."""
        return EpochChain(self.vault)

    async def secrets(self) -> AppSecrets:
        """The application's secrets, opened with the operator's identity, once."""
        if self._secrets is None:
            self._secrets = await asyncio.to_thread(
                read_secrets, self.vault, self.secrets_epoch, self.credentials.identity_file
            )
        return self._secrets

    def use_secrets(self, secrets: AppSecrets) -> None:
        """Use these instead of the vault's: for a preview before there are any."""
        self._secrets = secrets

    async def outputs(self) -> SiteOutputs:
        """What the site's stack exports now. Raises SiteIncomplete before it was brought up."""
        if self._outputs is None:
            from liferaft.moves.stack import exported, request

            deployment = await self.engine.export(await request(self))
            self._outputs = SiteOutputs.of(self.site, exported(deployment))
        return self._outputs

    def provisioned(self) -> None:
        """Forget the outputs: the stack has changed."""
        self._outputs = None

    async def host(self, server: str) -> Host:
        """A connection to a server whose host key is pinned; one for the whole run."""
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
            from liferaft.moves.gone import require_there

            await require_there(self, server, silent)
        return await self._connect(server, host_keys, CONNECT_SECONDS - SILENT_SECONDS)

    async def _connect(self, server: str, host_keys: list[str], deadline: float) -> Host:
        outputs, secrets = await self.outputs(), await self.secrets()
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
        address = (await self.outputs()).server(server).public_address
        machines = inventory(self.config, self.site, self.credentials.host_keys).machines
        return next((machine for machine in machines if machine.address == address), None)

    async def pin(self, server: str) -> Pin | None:
        """The host key that is stored for a server of this site; None before the first contact.
        Raises Damaged.

        One of an earlier server of that name is none: the engine replaced that server, and the
        new one has a key of its own.
        """
        try:
            body = await asyncio.to_thread(self.vault.get, layout.pin(self.site, server))
        except KeyMissing:
            return None
        except Damaged as damage:
            raise damage.mended_by(
                f"{PUT_BACK} Or delete server {server} of {self.site} at its cloud, then this "
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
        await asyncio.to_thread(self.vault.put, layout.pin(self.site, server), body)

    async def drop_pins(self) -> None:
        """Forget the host keys of this site: its servers are gone."""
        for key in await asyncio.to_thread(self.vault.list, layout.pins(self.site)):
            await asyncio.to_thread(self.vault.delete, key)

    async def drop_damaged_pins(self) -> None:
        """Forget the host keys of this site that cannot be read."""
        for key in await asyncio.to_thread(self.vault.list, layout.pins(self.site)):
            try:
                await asyncio.to_thread(self.vault.get, key)
            except Damaged:
                await asyncio.to_thread(self.vault.delete, key)

    async def _id(self, server: str) -> str:
        return (await self.outputs()).server(server).id

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        closing = [host.close() for host in self._hosts.values()]
        self._hosts.clear()
        # A connection that is lost already cannot be closed better, and hides no failure.
        await asyncio.gather(*closing, return_exceptions=True)
