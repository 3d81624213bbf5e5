"""An image's archive is read in a vault to its end, through the seal, and has its digest."""

import time
from typing import TYPE_CHECKING, Final

from liferaft.data.container_images.archive import AREA
from liferaft.data.failures import NotAsSealed, SnapshotFailed
from liferaft.data.proof import Proof, Trial, finish_folder, folder_of, prepare_folder
from liferaft.data.rclone import CryptSecrets, Rclone, Sealed, ca_files
from liferaft.data.sealed_objects import NOT_THERE, STORED, digest_of
from liferaft.recovery.part import Part
from liferaft.remote.contract import Host

if TYPE_CHECKING:
    from liferaft.failures import Failure

_ABSENT: Final = "it is not there"
CONFIG: Final = "scratch-images"
"""A configuration of rclone's own: a failover's on the same server stays what it is."""


async def prove(host: Host, part: Part, seal: CryptSecrets, trial: Trial) -> Proof:
    """Nothing is written but rclone's configuration. Raises SnapshotFailed where the vault does not
    answer."""
    begun = time.monotonic()
    sealed, vault = Sealed(trial.vault, seal), trial.vault.name
    rclone = Rclone(host, CONFIG, ca_files(trial.vault))
    await rclone.configure(sealed.config(AREA, part.epoch))
    path = sealed.path(AREA, part.epoch, f"{part.facts['digest']}.oci.tar")
    why = await _fault(rclone, path, part, doing=f"Reading image {part.name} in vault {vault}")
    faults: list[Failure] = []
    if why:
        keys = ", ".join(part.facts.get(STORED, ())) or sealed.folder(AREA, part.epoch)
        faults.append(
            NotAsSealed(
                f"Image {part.name} is damaged in vault {vault}, object {keys}: {why}.",
                safe="What runs goes on: its servers have their own copies.",
                do="Bring it there again while the site that reigns is reached: `liferaft deploy` "
                f"with an archive whose SHA-256 is {part.facts['digest']} in app.images.",
                details={"vault": vault, "key": keys},
            )
        )
    elif (folder := folder_of(part, trial)) is not None:
        await prepare_folder(host, folder, part.size)
        await rclone.run(
            *("copyto", path, f"{folder}/{part.facts['digest']}.oci.tar"),
            doing=f"Fetching image {part.name} into {folder}",
            deadline=1800.0,
        )
        await finish_folder(host, folder)
    return Proof(
        part.kind,
        part.name,
        seconds={"read": round(time.monotonic() - begun, 3)},
        size=part.size,
        checked=() if faults else ("read to its end and opened: it has the digest of its name",),
        unread=("It was not loaded into podman.",),
        faults=tuple(faults),
    )


async def _fault(rclone: Rclone, path: str, part: Part, *, doing: str) -> str:
    """What is wrong with the vault's copy; nothing where it is whole."""
    try:
        found = await digest_of(rclone, path, doing=doing)
    except SnapshotFailed as failure:
        if failure.facts.details.get("exit") not in NOT_THERE:
            raise
        return _ABSENT
    if found == "":  # rclone ends well where there is nothing to sum
        return _ABSENT
    if found is None:
        return "it is not as it was sealed"
    return "" if found == part.facts["digest"] else f"its content has the digest {found}"
