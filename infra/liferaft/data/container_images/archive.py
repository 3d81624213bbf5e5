"""The app's image as an OCI archive in the vault, named by its SHA-256: the registry may be gone.

The first host gets the archive from the operator; it puts it into the vault, and every other host
pulls it from there.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from liferaft.data.container_images.sealing import bring_sealed
from liferaft.data.failures import (
    ArchiveMissing,
    NotAsSealed,
    RestoreFailed,
    SnapshotFailed,
)
from liferaft.data.rclone import Rclone, Sealed, ca_files
from liferaft.data.sealed_objects import (
    READINGS_OF_LARGE,
    STORED,
    digest_of,
    is_damage,
    key_of,
    read_sealed,
    stored_sums,
)
from liferaft.failures import Own
from liferaft.recovery.part import Part
from liferaft.remote.acts import act, failed, last_words
from liferaft.remote.contract import Host
from liferaft.remote.digests import has_digest
from liferaft.remote.files import folder
from liferaft.remote.markers import is_marked, mark, marker_of
from liferaft.vault.layout import digits

FOLDER: Final = "/var/lib/liferaft/images"
AREA: Final = "images"
"""The folder of container images below an epoch's in a vault."""
_DEADLINE: Final = 1800.0
_HASHING_SECONDS: Final = 300.0
_ABSENT: Final = "it is not there"
_log = logging.getLogger(__name__)


def archive_path(digest: str) -> str:
    """Where a host keeps the archive; the operator's copy is put here."""
    return f"{FOLDER}/{digest}.oci.tar"


@dataclass(frozen=True)
class _There:
    """The copy in a vault. size: bytes of the archive. fault: what is wrong with it. digest: its
    own, where that is known."""

    size: int
    fault: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class ContainerImage:
    """One version of the app's image. `digest` is the archive's SHA-256 in hexadecimal."""

    name: str
    digest: str
    sealed: Sealed
    names: tuple[str, ...] = ()
    """The names by which podman has the image once it is loaded; a recovery point tells them."""

    @property
    def kind(self) -> str:
        return "image"

    async def has_archive(self, host: Host) -> bool:
        """The whole archive is on this host, by its digest."""
        path = archive_path(self.digest)
        return await has_digest(host, path, self.digest, deadline=_HASHING_SECONDS)

    async def is_stored(self, host: Host, *, epoch: int) -> bool:
        """The whole archive is in the vault under this epoch: read there, by its digest."""
        rclone = await self._configure(host, epoch)
        return (await self._read(rclone, epoch)).fault is None

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """Keep the image from a host that has its archive, unless the vault has it whole. What is
        damaged there is brought again, and this is told. Raises ArchiveMissing."""
        rclone = await self._configure(host, epoch)
        key = await key_of(rclone, self.sealed, AREA, epoch, self._file)
        there = await self._read(rclone, epoch, key)
        if there.fault is not None:
            if there.fault != _ABSENT:
                _log.warning(
                    "Image %s in vault %s is damaged (%s, object %s): it is brought there again.",
                    *(self.name, self.sealed.vault.name, there.fault, key),
                )
            there = await self._bring(host, rclone, epoch, key, there.fault)
        return Part(
            kind=self.kind,
            name=self.name,
            epoch=epoch,
            taken_at=datetime.now(UTC).isoformat(),
            size=there.size,
            facts={
                "digest": self.digest,
                "marker": marker,
                "names": list(self.names),
                STORED: {key: there.digest} if there.digest else await self._sums(rclone, key),
            },
        )

    async def stored_as(self, host: Host, *, epoch: int) -> Mapping[str, str]:
        """Key → SHA-256 of what lies in the vault: the same until it is brought there again."""
        rclone = await self._configure(host, epoch)
        return await self._sums(rclone, await key_of(rclone, self.sealed, AREA, epoch, self._file))

    async def _sums(self, rclone: Rclone, key: str) -> Mapping[str, str]:
        doing = f"Reading image {self.name} in vault {self.sealed.vault.name}"
        return await stored_sums(rclone, self.sealed, key, doing=doing)

    async def _bring(self, host: Host, rclone: Rclone, epoch: int, key: str, why: str) -> "_There":
        """What lies in the vault then."""
        if not await self.has_archive(host):
            called = f" ({', '.join(self.names)})" if self.names else ""
            raise ArchiveMissing(
                f"Image {self.name}{called} is not whole in vault {self.sealed.vault.name}: "
                f"{why}. The server has no whole archive of it either.",
                safe="Nothing was written into the vault.",
                do=f"Name its archive in app.images, the one whose SHA-256 is {self.digest}, and "
                "run the same command again. Or deploy another one: `liferaft deploy`.",
            )
        brought = await bring_sealed(
            *(rclone, archive_path(self.digest), self._sealing, self.sealed.raw_path(key)),
            marker=self._sealed_marker(epoch),
            doing=f"Copying image {self.name} into vault {self.sealed.vault.name}",
            deadline=_DEADLINE,
        )
        there = (
            await self._list(rclone, epoch, brought.digest)
            if brought.is_proven
            else await self._read(rclone, epoch, key)
        )
        if there.fault is not None:
            raise SnapshotFailed(
                f"Image {self.name} is not whole in vault {self.sealed.vault.name} after it was "
                f"copied there: {there.fault}.",
                safe=Own("No manifest names this copy."),
                do="Look at that store: it does not keep what it is given.",
            )
        return there

    async def _read(self, rclone: Rclone, epoch: int, key: str = "") -> "_There":
        """The vault's copy, read once: as it lies there, where this server has sealed it, and else
        through the seal."""
        there = await self._list(rclone, epoch)
        if there.fault is not None:
            return there
        known = await marker_of(rclone.host, self._sealed_marker(epoch))
        if known:
            key = key or await key_of(rclone, self.sealed, AREA, epoch, self._file)
            if known in (await self._sums(rclone, key)).values():
                return _There(there.size, digest=known)
        reading = f"Reading image {self.name} in vault {self.sealed.vault.name}"
        found = await digest_of(rclone, self._path(epoch), doing=reading)
        if found == self.digest:
            return there
        other = (
            "it is not as it was sealed" if found is None else f"its content has the digest {found}"
        )
        return _There(there.size, other)

    async def _list(self, rclone: Rclone, epoch: int, digest: str | None = None) -> "_There":
        """What a listing says of the vault's copy. S3 shows whole objects only."""
        folder_, _, name = self._path(epoch).rpartition(":")
        listing = await rclone.run(
            *("lsjson", "--files-only", f"--include=/{name}", f"{folder_}:"),
            doing=f"Looking for image {self.name} in vault {self.sealed.vault.name}",
            deadline=90,
            failure=SnapshotFailed,
            safe="Nothing was written into the vault.",
        )
        found = json.loads(listing)
        return _There(int(found[0]["Size"]), digest=digest) if found else _There(0, _ABSENT)

    def _sealed_marker(self, epoch: int) -> str:
        """Says how what this server has sealed lies in the vault."""
        return f"image-{self.digest}-{self.sealed.vault.name}-{digits(epoch)}.sealed"

    @property
    def _sealing(self) -> str:
        """Where this server seals it for this vault."""
        return f"{FOLDER}/sealing-{self.sealed.vault.name}"

    def _path(self, epoch: int) -> str:
        return self.sealed.path(AREA, epoch, self._file)

    @property
    def _file(self) -> str:
        return f"{self.digest}.oci.tar"

    async def restore(self, host: Host, part: Part) -> None:
        """The image is loaded into podman, from the host's own copy or else from the vault."""
        if await self.is_loaded(host):
            return
        if not await self.has_archive(host):
            await self.fetch(host, part.epoch, part.facts.get(STORED, ()))
        await act(
            host,
            ["podman", "load", "--quiet", "--input", archive_path(self.digest)],
            doing=f"Loading image {self.name}",
            deadline=_DEADLINE,
            failure=RestoreFailed,
        )
        await mark(host, self._marker, self.digest)

    async def fetch(self, host: Host, epoch: int, noted: Iterable[str] = ()) -> None:
        """The archive is on the host, whole. noted: keys by which the vault has it. Raises
        NotAsSealed where the vault's is damaged."""
        rclone = await self._configure(host, epoch)
        await folder(host, FOLDER, mode=0o700)
        argv = rclone.argv("copyto", self._path(epoch), archive_path(self.digest))
        fetched = await read_sealed(host, argv, deadline=_DEADLINE, readings=READINGS_OF_LARGE)
        said = last_words(fetched)
        if fetched.exit_code and not is_damage(said):
            raise failed(
                argv,
                fetched,
                doing=f"Fetching image {self.name} from vault {self.sealed.vault.name}",
                failure=RestoreFailed,
                safe="The vault is untouched.",
                do="Run the same command again once the vault answers.",
            )
        if fetched.exit_code or not await self.has_archive(host):
            raise self._not_as_sealed(", ".join(noted) or self.sealed.folder(AREA, epoch), said)

    def _not_as_sealed(self, keys: str, said: str) -> NotAsSealed:
        vault = self.sealed.vault.name
        return NotAsSealed(
            f"Image {self.name} is damaged in vault {vault}, object {keys}.",
            safe="The vault is untouched.",
            do="Running the command again does not help before: name an archive of it in "
            f"app.images, the one whose SHA-256 is {self.digest}, and it is used instead. Or put "
            "back an earlier version of this object.",
            details={"vault": vault, "key": keys, "said": said},
        )

    async def is_loaded(self, host: Host) -> bool:
        """Into podman on this host, whichever run did it: content has one name."""
        return await is_marked(host, self._marker, self.digest)

    async def _configure(self, host: Host, epoch: int) -> Rclone:
        rclone = Rclone(host, f"images{self.sealed.apart}", ca_files(self.sealed.vault))
        sections = self.sealed.config(AREA, epoch), self.sealed.config_of_folder(self._sealing)
        await rclone.configure("\n".join(sections))
        return rclone

    @property
    def _marker(self) -> str:
        return f"image-{self.name}.loaded"
