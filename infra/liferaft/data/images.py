"""The app's image as an OCI archive in the vault, named by its SHA-256: the registry may be gone.

The first host gets the archive from the operator; it puts it into the vault, and every other host
pulls it from there.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from liferaft.data.contract import Part
from liferaft.data.failures import NotVerified, RestoreFailed, SnapshotFailed
from liferaft.data.hostwork import act, folder, is_marked, mark, succeeds
from liferaft.data.rclone import Rclone, Sealed, ca_files
from liferaft.remote.contract import Host

FOLDER: Final = "/var/lib/liferaft/images"
_AREA: Final = "images"
_DEADLINE: Final = 1800.0


def archive_path(digest: str) -> str:
    """Where a host keeps the archive; the operator's copy is put here."""
    return f"{FOLDER}/{digest}.oci.tar"


@dataclass(frozen=True)
class Image:
    """One version of the app's image. `digest` is the archive's SHA-256 in hexadecimal."""

    name: str
    digest: str
    sealed: Sealed
    names: tuple[str, ...] = ()
    """By which podman has it once it is loaded; a recovery point tells them."""

    @property
    def kind(self) -> str:
        return "image"

    async def has_archive(self, host: Host) -> bool:
        """The whole archive is on this host, by its digest."""
        return await _checksum_holds(host, self.digest)

    async def snapshot(self, host: Host, *, epoch: int, marker: str) -> Part:
        """From a host that has the archive; skipped when the vault has it."""
        rclone = await self._configured(host, epoch)
        stored = self.sealed.path(_AREA, epoch, f"{self.digest}.oci.tar")
        size = await self._stored_size(rclone, stored)
        if size is None:
            if not await self.has_archive(host):
                raise SnapshotFailed(
                    f"Image {self.name} is not whole on the host.",
                    do=f"Put its archive at {archive_path(self.digest)} again.",
                )
            await rclone.run(
                *("copyto", archive_path(self.digest), stored),
                doing=f"Copying image {self.name} into vault {self.sealed.vault.name}",
                deadline=_DEADLINE,
                failure=SnapshotFailed,
                safe="No manifest names this image yet.",
            )
            size = await self._stored_size(rclone, stored)
        if size is None:
            raise SnapshotFailed(f"Image {self.name} is not in the vault after its copy.")
        return Part(
            kind=self.kind,
            name=self.name,
            epoch=epoch,
            taken_at=datetime.now(UTC).isoformat(),
            size=size,
            facts={"digest": self.digest, "marker": marker, "names": list(self.names)},
        )

    async def _stored_size(self, rclone: Rclone, stored: str) -> int | None:
        """Bytes in the vault; None when it is not there. S3 shows whole objects only."""
        folder_, _, name = stored.rpartition(":")
        listing = await rclone.run(
            *("lsjson", "--files-only", f"--include=/{name}", f"{folder_}:"),
            doing=f"Looking for image {self.name} in the vault",
            deadline=90,
            failure=SnapshotFailed,
        )
        found = json.loads(listing)
        return int(found[0]["Size"]) if found else None

    async def restore(self, host: Host, part: Part, *, marker: str) -> None:
        """The image is loaded into podman, from the host's own copy or else from the vault."""
        if await self.is_restored(host, part, marker=marker):
            return
        if not await self.has_archive(host):
            await self._fetched(host, part)
        await act(
            host,
            ["podman", "load", "--quiet", "--input", archive_path(self.digest)],
            doing=f"Loading image {self.name}",
            deadline=_DEADLINE,
            failure=RestoreFailed,
        )
        await mark(host, self._marker, self.digest)

    async def _fetched(self, host: Host, part: Part) -> None:
        rclone = await self._configured(host, part.epoch)
        await folder(host, FOLDER, mode=0o700)
        await rclone.run(
            "copyto",
            self.sealed.path(_AREA, part.epoch, f"{self.digest}.oci.tar"),
            archive_path(self.digest),
            doing=f"Fetching image {self.name} from vault {self.sealed.vault.name}",
            deadline=_DEADLINE,
            failure=RestoreFailed,
            safe="The vault is untouched.",
        )
        await self.verify(host, part)

    async def is_restored(self, host: Host, part: Part, *, marker: str) -> bool:
        """Loaded on this host, whichever run did it: content has one name."""
        return await self.is_loaded(host)

    async def is_loaded(self, host: Host) -> bool:
        return await is_marked(host, self._marker, self.digest)

    async def verify(self, host: Host, part: Part) -> None:
        """The archive on this host has the digest that the manifest names."""
        if not await _checksum_holds(host, part.facts["digest"]):
            raise NotVerified(
                f"The archive of image {self.name} has another digest than the manifest says.",
                do="Remove it from the host and run the same command again.",
            )

    async def _configured(self, host: Host, epoch: int) -> Rclone:
        rclone = Rclone(host, "images", ca_files(self.sealed.vault))
        await rclone.configured(self.sealed.config(_AREA, epoch))
        return rclone

    @property
    def _marker(self) -> str:
        return f"image-{self.name}.loaded"


async def _checksum_holds(host: Host, digest: str) -> bool:
    check = f'echo "{digest}  {archive_path(digest)}" | sha256sum --check --status'
    return await succeeds(host, ["bash", "-c", check], deadline=300)
