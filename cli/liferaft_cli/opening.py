"""What a command begins with: configuration, vault, a site.

The environment is read here and nowhere below: this is the edge.
"""

import os
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from liferaft_cli.left import tell_left

if TYPE_CHECKING:
    from liferaft.config import Config
    from liferaft.moves.vaults_as_of import VaultsAsOf
    from liferaft.plan.plan import Plan
    from liferaft.site.site import Site
    from liferaft.site.world import World
    from liferaft.vault import Vault
    from liferaft.vault.tried import VaultFinding


@dataclass(frozen=True)
class Opened:
    """The configuration, and the vaults that everything is kept in, as one."""

    config: "Config"
    vault: "Vault"


def open_configuration(config_path: Path, site: str | None = None) -> Opened:
    """Read the configuration and the environment. Of the vaults nothing is asked but whether a
    drill has left something, which is said.

    site: where work is to be done, so that whatever it lacks is said before anything else.
    """
    found = open_vaults(config_path, site)
    tell_left(found.vault)
    return found


def open_vaults(config_path: Path, site: str | None = None) -> Opened:
    """The same, and nothing is asked or said."""
    from liferaft.config import load, resolve
    from liferaft.data.registry import configs
    from liferaft.vault import EveryVault, open_vault

    config = load(config_path, configs())
    credentials = resolve(config, os.environ, site=site if site in config.sites else None)
    vaults = [
        open_vault(name, vault, credentials.vaults[name], prefix=config.app.name)
        for name, vault in config.vaults.items()
    ]
    return Opened(config, vaults[0] if len(vaults) == 1 else EveryVault(vaults))


def look_back(
    found: Opened, site: str | None, moment: str | None, *, take_over: bool
) -> "tuple[Opened, VaultsAsOf | None]":
    """All vaults as of a moment, as the operator wrote it, and what a move is planned on then.
    Lists them, and changes nothing. Without a moment all is as it was found, and None."""
    if moment is None or site is None:
        return found, None
    from liferaft.config import resolve
    from liferaft.moves.moment import moment_of
    from liferaft.moves.vaults_as_of import look_back as listed

    when = moment_of(moment, datetime.now(UTC))
    named = site if site in found.config.sites else None
    credentials = resolve(found.config, os.environ, site=named)
    back = listed(found.config, credentials, when, take_over=take_over)
    return replace(found, vault=back.then), back


def vault_findings(found: Opened) -> "tuple[VaultFinding, ...]":
    """What the stores tell of themselves: one question to each vault that answers."""
    from liferaft.config import resolve
    from liferaft.moves.vault_findings import stores_found
    from liferaft.vault import each_vault

    credentials = resolve(found.config, os.environ)
    return stores_found(found.config, credentials, [one.name for one in each_vault(found.vault)])


def world_for(found: Opened, plan: "Plan") -> "World":
    """The world in which a plan is run."""
    from liferaft.site.opening import open_to_work
    from liferaft.site.world import World

    epoch, config = plan.inputs.secrets_epoch, found.config.on(plan.inputs.system)
    return World.of(open_to_work(plan.site, config, found.vault, os.environ, secrets_epoch=epoch))


def world_of_epoch(found: Opened, site: str, *, asks_cloud: bool = True) -> "World":
    """The world of a site with the secrets of the epoch of today. Raises Refused before one.

    asks_cloud: as for `site_at`.
    """
    from liferaft.moves.facts import current_epoch, require_site
    from liferaft.moves.systems import system_of
    from liferaft.site.opening import open_to_look
    from liferaft.site.world import World

    require_site(found.config, site)
    current = current_epoch(found.vault)
    return World.of(
        open_to_look(
            *(site, found.config.on(system_of(current)), found.vault, os.environ),
            secrets_epoch=current.epoch,
            asks_cloud=asks_cloud,
        )
    )


def site_at(found: Opened, name: str, *, asks_cloud: bool = True) -> "Site":
    """A site to look at, without the app's secrets.

    asks_cloud: whether the site's cloud is asked; else what is wrong with its credentials is no
    matter.
    """
    from liferaft.site.opening import open_to_look

    return open_to_look(name, found.config, found.vault, os.environ, asks_cloud=asks_cloud)
