"""What drills left at the clouds, found by the labels of their sites, without any state; and gone.

A killed drill leaves a note in the vaults, and one whose vaults were away leaves none: so each
cloud that liferaft.toml names is asked.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from liferaft.clouds.contract import Cloud
from liferaft.clouds.registry import is_for_clouds, open_cloud
from liferaft.config import Config
from liferaft.failures import Failure, VendorFailure
from liferaft.moves.trial_site import trial_site
from liferaft.provision.orphans import Orphan, delete_orphans, orphans
from liferaft.site.inventory import inventory


@dataclass(frozen=True)
class LeftAtSite:
    """What the cloud of one site lists of its drills. unknown: why it could not be asked."""

    standby: str
    site: str
    found: tuple[Orphan, ...] = ()
    unknown: Failure | None = None

    def sentences(self) -> Sequence[str]:
        """A line for each thing, or why there is none. Pure."""
        if self.unknown is not None:
            return (f"{self.standby}: not asked. {self.unknown.facts.happened}",)
        return tuple(f"{self.standby}: {one.kind} {one.name} ({one.id})" for one in self.found)


class StillThere(VendorFailure):
    """A cloud still lists what was deleted."""


@dataclass(frozen=True)
class Leftovers:
    """The clouds of an application's sites, with what credentials there are."""

    config: Config
    environ: Mapping[str, str] = field(repr=False)
    host_keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    async def look(self) -> tuple[LeftAtSite, ...]:
        """Every site's cloud is asked, side by side. Never raises for one of them."""
        asked = (asyncio.to_thread(self._at, name) for name in self.config.sites)
        return tuple(await asyncio.gather(*asked))

    async def delete(self, left: LeftAtSite) -> None:
        """All of it is gone on return: the cloud was asked again. Raises CloudFailure,
        DeadlinePassed, StillThere."""
        await asyncio.to_thread(self._delete, left)

    def _delete(self, left: LeftAtSite) -> None:
        delete_orphans(self._cloud(left.standby), left.found)
        again = self._at(left.standby)
        if again.unknown is not None:
            raise again.unknown
        if again.found:
            raise StillThere(
                f"The cloud of {left.standby} still lists {', '.join(again.sentences())}",
                safe="The application is not affected.",
                do="Run the same command again.",
            )

    def _at(self, standby: str) -> LeftAtSite:
        site = trial_site(standby)
        try:
            found = orphans(self._cloud(standby), app=self.config.app.name, site=site, known=())
        except Failure as failure:
            return LeftAtSite(standby, site, unknown=failure)
        return LeftAtSite(standby, site, found)

    def _cloud(self, standby: str) -> Cloud:
        declared = self.config.sites[standby]
        variables = {key: value for key, value in self.environ.items() if is_for_clouds(key)}
        return open_cloud(
            declared.cloud,
            declared.region,
            variables,
            inventory=inventory(self.config, standby, self.host_keys),
        )
