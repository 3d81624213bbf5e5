"""An image's archive is read in a vault to its end, through the seal, has its digest, and is loaded
by podman into a storage of its own, which is deleted again."""

import time
from typing import TYPE_CHECKING, Final

from liferaft.data.container_images.archive import AREA
from liferaft.data.failures import NotAsSealed, NotVerified, SnapshotFailed
from liferaft.data.proof import (
    Proof,
    Trial,
    finish_folder,
    folder_of,
    prepare_folder,
    run_in_scratch,
)
from liferaft.data.rclone import CryptSecrets, Rclone, Sealed, ca_files
from liferaft.data.sealed_objects import NOT_THERE, STORED, digest_of
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Host

if TYPE_CHECKING:
    from liferaft.failures import Failure

_ABSENT: Final = "it is not there"
CONFIG: Final = "scratch-images"
"""A configuration of rclone's own: a failover's on the same server stays what it is."""
SCRATCH: Final = "/var/lib/containers/liferaft-scratch"
"""On the disk on which podman keeps images, whose file system bears its way to keep them."""
_NO_ROOM, _NOT_LOADED = 60, 61
_TIMES: Final = 3
"""The archive, what it is unpacked to, and as much again: its layers may be compressed."""
_FLOOR: Final = 1024**3
_LOADING_SECONDS: Final = 1800.0
_LOAD: Final = f"""
set -eu
place=$1 need=$2
shift 2
rm -rf "$place"
install -d -m 700 "$place"
[ "$(df --output=avail -B1 "$place" | tail -n 1)" -gt "$need" ] || exit {_NO_ROOM}
"$@" "$place/image.oci.tar"
driver=$(podman info --format '{{{{.Store.GraphDriverName}}}}')
# With the server's own way to keep images. What podman mounts is gone with the program.
unshare --mount --propagation private podman --storage-driver "$driver" --root "$place/storage" \\
    --runroot "$place/run" load --quiet --input "$place/image.oci.tar" >&2 || exit {_NOT_LOADED}
"""


async def prove(host: Host, part: Part, seal: CryptSecrets, trial: Trial) -> Proof:
    """Nothing stays but rclone's configuration. Raises SnapshotFailed where the vault does not
    answer."""
    begun = time.monotonic()
    sealed, vault = Sealed(trial.vault, seal), trial.vault.name
    rclone = Rclone(host, CONFIG, ca_files(trial.vault))
    await rclone.configure(sealed.config(AREA, part.epoch))
    path = sealed.path(AREA, part.epoch, f"{part.facts['digest']}.oci.tar")
    why = await _fault(rclone, path, part, doing=f"Reading image {part.name} in vault {vault}")
    faults: list[Failure] = []
    unread = "" if why else await _loaded(rclone, path, part, trial, faults)
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
    elif not faults and (folder := folder_of(part, trial)) is not None:
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
        checked=() if faults else _checked(is_loaded=not unread),
        unread=(unread,) if unread else (),
        faults=tuple(faults),
    )


def _checked(*, is_loaded: bool) -> tuple[str, ...]:
    read = "read to its end and opened: it has the digest of its name"
    return (read, "loaded by podman, in a storage of its own") if is_loaded else (read,)


async def _loaded(
    rclone: Rclone, path: str, part: Part, trial: Trial, faults: list["Failure"]
) -> str:
    """Why it was not tried whether podman loads it; nothing where it was, and what came of that is
    in `faults`."""
    need = str(_TIMES * part.size + _FLOOR)
    try:
        await run_in_scratch(
            rclone.host,
            ["bash", "-c", _LOAD, "-", SCRATCH, need, *rclone.argv("copyto", path)],
            trial=trial,
            doing=f"Loading image {part.name} of vault {trial.vault.name}",
            deadline=_LOADING_SECONDS,
            deletes=SCRATCH,
        )
    except HostActFailed as failure:
        match failure.facts.details.get("exit"):
            case code if code == str(_NO_ROOM):
                return "It was not loaded by podman: the server's disk has no room to try that."
            case code if code == str(_NOT_LOADED):
                faults.append(_refused(part, trial, failure))
            case _:
                raise
    return ""


def _refused(part: Part, trial: Trial, failure: HostActFailed) -> NotVerified:
    return NotVerified(
        f"podman does not load image {part.name} of recovery point {trial.point}, though vault "
        f"{trial.vault.name} has it as it was sealed.",
        safe="What runs goes on: its servers have loaded it before.",
        do="Save the image anew (`podman save --format oci-archive`), deploy, then take a new "
        "recovery point.",
        details={"vault": trial.vault.name, "said": failure.facts.details.get("said", "")},
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
