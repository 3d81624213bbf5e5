"""What describes the application, kept in the vault."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liferaft.failures import Failure
from liferaft.recovery import blueprint as blueprints
from liferaft.recovery.blueprint import Blueprint, KeptBlueprint
from liferaft.recovery.gathering import gather
from liferaft.secrets import operators_of
from liferaft.site.site import Site
from liferaft.site.world import World
from liferaft.vault import Damaged

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class KeepBlueprint:
    """liferaft.toml, the Compose file and the program, as this command read them, are kept."""

    epoch: int

    async def holds(self, world: World) -> bool:
        return await self._is_kept(world, await _gathered(world))

    async def apply(self, world: World) -> Mapping[str, Any]:
        site = world.site
        wanted = await _gathered(world)
        today = site.credentials.recipients
        recipients = await asyncio.to_thread(operators_of, site.vault, today)
        for sentence in wanted.left_out:
            _log.warning("%s", sentence)
        await asyncio.to_thread(
            blueprints.keep,
            site.vault,
            self.epoch,
            wanted,
            secrets=await site.secrets(),
            recipients=recipients,
            at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return {"files": len(wanted.files), "sha256": wanted.digest}

    async def prove(self, world: World) -> None:
        """It opens with the operator's own identity."""
        if not await self._is_kept(world, await _gathered(world)):
            raise Failure(
                "The vault does not give back what describes the application as it was kept",
                safe="What serves is not touched.",
                do="Run the same command again.",
            )

    async def _is_kept(self, world: World, wanted: Blueprint) -> bool:
        kept = await self._kept(world)
        return kept is not None and kept.blueprint.digest == wanted.digest

    async def _kept(self, world: World) -> KeptBlueprint | None:
        """None where there is none that is whole: it is written anew."""
        site = world.site
        try:
            return await asyncio.to_thread(
                blueprints.of_epoch,
                *(site.vault, self.epoch, site.credentials.identity_file, await site.secrets()),
            )
        except Damaged as damage:
            _log.warning("%s. It is written anew.", damage)
            return None


async def _gathered(world: World) -> Blueprint:
    site = world.site
    return await world.run.described(lambda: gather(site.config, _authorities(site)))


def _authorities(site: Site) -> Iterator[tuple[str, Path]]:
    """What the configuration says of an authority, and the file with it."""
    config, edge = site.config, site.credentials
    named = [(config.tls.ca_file, edge.users_ca_file), (config.tls.acme_ca_file, edge.acme_ca_file)]
    named += [(one.ca_file, edge.vaults[name].ca_file) for name, one in config.vaults.items()]
    for reference, path in named:
        if reference is not None and path is not None:
            yield reference, path
