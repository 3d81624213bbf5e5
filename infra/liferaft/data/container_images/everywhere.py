"""One of the app's container images, in every vault."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from liferaft.data.container_images.archive import ContainerImage
from liferaft.data.every_vault import bring_from_any, keep_in_every, require_answer, vault_of
from liferaft.data.failures import ArchiveMissing, RestoreFailed, SnapshotFailed
from liferaft.data.in_vaults import holders, part_in
from liferaft.data.sealed_objects import STORED
from liferaft.failures import DeadlinePassed
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Host

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ImageInVaults:
    """The same image at each vault, in the order of liferaft.toml."""

    each: tuple[ContainerImage, ...]

    @property
    def first(self) -> ContainerImage:
        """For what has nothing to do with vaults: names, the digest, the host's own archive."""
        return self.each[0]

    @property
    def kind(self) -> str:
        return self.first.kind

    @property
    def name(self) -> str:
        return self.first.name

    @property
    def vaults(self) -> tuple[str, ...]:
        return tuple(vault_of(one) for one in self.each)

    @property
    def digest(self) -> str:
        return self.first.digest

    async def has_archive(self, host: Host) -> bool:
        return await self.first.has_archive(host)

    async def is_loaded(self, host: Host) -> bool:
        return await self.first.is_loaded(host)

    async def is_stored(self, host: Host, *, epoch: int) -> bool:
        """Whole in every vault: one that cannot be asked is one that may lack it."""
        if len(self.each) == 1:
            return await self.first.is_stored(host, epoch=epoch)
        for one in self.each:
            try:
                await require_answer(host, one, SnapshotFailed)
                if not await one.is_stored(host, epoch=epoch):
                    return False
            except HostActFailed:
                return False
        return True

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """In every vault. One that lacks it gets it from another where the server has no archive.
        Raises ArchiveMissing where nobody has it whole."""

        async def take(one: ContainerImage) -> Part:
            try:
                return await one.snapshot(host, epoch=epoch, marker=marker)
            except ArchiveMissing:
                if not await self._has_fetched_elsewhere(host, one, epoch):
                    raise
                return await one.snapshot(host, epoch=epoch, marker=marker)

        return await keep_in_every(host, self.each, take)

    async def _has_fetched_elsewhere(self, host: Host, lacking: ContainerImage, epoch: int) -> bool:
        """Whether the server has the archive now."""
        for one in self.each:
            if one == lacking:
                continue
            try:
                await require_answer(host, one, RestoreFailed)
                if await one.is_stored(host, epoch=epoch):
                    await one.fetch(host, epoch)
                    return True
            except (HostActFailed, DeadlinePassed) as failure:
                _log.warning("%s", failure)
        return False

    async def stored_as(self, host: Host, *, epoch: int) -> Mapping[str, Mapping[str, str]]:
        """By vault, what lies there: the same until it is brought there again. Where there are
        several, without those that do not say."""
        if len(self.each) == 1:
            return {vault_of(self.first): await self.first.stored_as(host, epoch=epoch)}
        found = {}
        for one in self.each:
            try:
                await require_answer(host, one, RestoreFailed)
                found[vault_of(one)] = await one.stored_as(host, epoch=epoch)
            except HostActFailed as failure:
                _log.warning("%s", failure)
        return found

    async def restore(self, host: Host, part: Part) -> None:
        """Loaded into podman, from the host's own copy or else from the first vault that has it."""
        if len(self.each) > 1 and (await self.is_loaded(host) or await self.has_archive(host)):
            await self.first.restore(host, part)
            return

        async def bring(one: ContainerImage, own: Part) -> None:
            await one.restore(host, own)

        await bring_from_any(host, self.each, part, bring)

    def is_as_noted(self, part: Part, there: Mapping[str, Mapping[str, str] | None]) -> bool:
        """Whether a part says of these vaults how the image lies there. Asks nobody."""
        noted = lies(part, self.vaults)
        return all(noted.get(vault) == sums for vault, sums in there.items())


def lies(part: Part, vaults: Sequence[str]) -> Mapping[str, Mapping[str, str] | None]:
    """By vault that has it, what was noted of how an image lies there. Pure."""
    return {vault: part_in(part, vault).facts.get(STORED) for vault in holders(part, vaults)}
