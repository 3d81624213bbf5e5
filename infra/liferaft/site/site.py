"""One site of the application: what is declared of it, where its state and secrets are."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.registry import open_cloud
from liferaft.config import Config, Credentials
from liferaft.config.sites import SiteConfig
from liferaft.provision.engine.contract import Engine, Request, StateLocation
from liferaft.provision.engine.project_file import project_name
from liferaft.secrets import AppSecrets, read_secrets
from liferaft.site.inventory import inventory
from liferaft.site.outputs import SiteOutputs, exported
from liferaft.site.roster import Roster, roster
from liferaft.site.state import state_in
from liferaft.vault import EpochChain, EveryVault, Vault


class NoSecrets(LookupError):
    """A site that was opened only to be looked at was asked for the application's secrets."""


@dataclass
class Site:
    """What is known of a site, each thing asked for once.

    Attributes:
        name: what liferaft.toml calls it.
        credentials: what the configuration names and does not hold.
        environment: what the engine's provider is given: the clouds' credentials.
        vault: where the application's records are.
        engine: the Pulumi engine, with the state of all sites.
        secrets_epoch: the epoch whose secrets are used; None where none are, to look at the site.
        state_at: where the engine keeps its state; None: in the vault that leads.
        ends_after: hours after which its servers switch themselves off; None: never.
    """

    name: str
    config: Config
    credentials: Credentials
    environment: Mapping[str, str] = field(repr=False)
    vault: Vault
    engine: Engine
    secrets_epoch: int | None
    state_at: StateLocation | None = None
    ends_after: int | None = None
    _secrets: AppSecrets | None = field(default=None, repr=False)
    _outputs: SiteOutputs | None = None
    _changes: int = 0

    @property
    def declared(self) -> SiteConfig:
        """Its section of the configuration."""
        return self.config.sites[self.name]

    @property
    def roster(self) -> Roster:
        """Its servers and what each is for. Raises BadInput."""
        return roster(self.config)

    @property
    def epochs(self) -> EpochChain:
        """The chain of epochs."""
        return EpochChain(self.vault)

    @property
    def vault_order(self) -> tuple[str, ...]:
        """Names of all vaults in the order in which they are used: the leading one first, those
        that are away last. Asks the vaults if nobody did before."""
        if isinstance(self.vault, EveryVault):
            return self.vault.order
        return tuple(self.config.vaults)

    @property
    def state(self) -> StateLocation:
        """Where the engine keeps the app's stacks."""
        return self.state_at or state_in(self.config, self.credentials, self.vault_order[0])

    def cloud(self, patience: Patience | None = None) -> Cloud:
        """Its cloud, without the engine. Asks nobody yet. patience: how long it is insisted on."""
        declared = self.declared
        return open_cloud(
            declared.cloud,
            declared.region,
            self.environment,
            inventory=inventory(self.config, self.name, self.credentials.host_keys),
            patience=patience,
        )

    async def secrets(self) -> AppSecrets:
        """The application's secrets, opened with the operator's identity, once. Raises KeyMissing
        before they are kept."""
        if self._secrets is None:
            if self.secrets_epoch is None:
                raise NoSecrets(self.name)
            self._secrets = await asyncio.to_thread(
                read_secrets, self.vault, self.secrets_epoch, self.credentials.identity_file
            )
        return self._secrets

    def use_secrets(self, secrets: AppSecrets) -> None:
        """Use these instead of the vault's: for a preview before there are any."""
        self._secrets = secrets

    async def lookup(self) -> Request:
        """A request that is enough to look at the site's state: it needs no secret of the app's."""
        folder = self.config.app.project
        project = await asyncio.to_thread(project_name, folder)
        return Request(folder, project, self.name, self.state, passphrase="")

    async def deployment(self) -> dict[str, Any]:
        """What the engine's state says of it now; empty for a stack that was never up."""
        return await self.engine.export(await self.lookup())

    async def outputs(self) -> SiteOutputs:
        """What its stack exports now. Raises SiteIncomplete before it was brought up."""
        if self._outputs is not None:
            return self._outputs
        asked = self._changes
        found = SiteOutputs.of(self.name, exported(await self.deployment()))
        if asked == self._changes:  # else another step changed the stack while this one asked
            self._outputs = found
        return found

    def forget_outputs(self) -> None:
        """Ask again the next time: the stack has changed."""
        self._outputs = None
        self._changes += 1
