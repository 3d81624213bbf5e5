"""A volume's snapshot is restored whole into a scratch folder of a server, read again there by
restic, and compared file by file with restic's own list of it."""

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from liferaft.data.failures import NotAsSealed, NotVerified
from liferaft.data.proof import (
    Proof,
    Trial,
    end_in_scratch,
    failed_in_scratch,
    finish_folder,
    folder_of,
    prepare_folder,
)
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.data.volume.places import VolumeOnServer
from liferaft.data.volume.program import SCRATCH, VolumeAct, folder
from liferaft.data.volume.volumekeeping.main import DAMAGED
from liferaft.recovery.part import Part
from liferaft.remote.acts import last_words
from liferaft.remote.contract import Host

if TYPE_CHECKING:
    from liferaft.failures import Failure

PLACE: Final = "/var/lib/containers/liferaft-volume-scratch"
"""On the disk on which podman keeps volumes."""
_SECONDS: Final = 23 * 3600.0


async def prove(
    host: Host, volume: VolumeOnServer, part: Part, seal: CryptSecrets, trial: Trial
) -> Proof:
    """Nothing stays but the task, and what was restored to stay. Raises HostActFailed where the
    vault does not answer, Refused where the disk has no room."""
    begun = time.monotonic()
    stays = folder_of(part, trial)
    into = stays or f"{PLACE}-{part.name}"
    proving = VolumeAct(volume, (Sealed(trial.vault, seal),), (part.epoch,), use=SCRATCH)
    await proving.put(host)
    await prepare_folder(host, into, part.size)
    argv = proving.argv("prove", part.facts["snapshot"], into)
    doing = f"Restoring volume {part.name} of vault {trial.vault.name}"
    ended = await end_in_scratch(
        host, argv, trial=trial, doing=doing, deadline=_SECONDS, deletes="" if stays else into
    )
    if ended.exit_code not in {0, DAMAGED}:
        raise failed_in_scratch(argv, ended, doing=doing)
    proof = Proof(part.kind, part.name, {"read": round(time.monotonic() - begun, 3)}, part.size)
    if ended.exit_code == DAMAGED:
        return replace(proof, faults=(_damaged(part, trial, last_words(ended)),))
    if stays is not None:
        await finish_folder(host, stays)
    came = json.loads(ended.text)
    return judged(proof, part, trial, came["files"])


def judged(proof: Proof, part: Part, trial: Trial, files: int) -> Proof:
    """What it means that so many files came. Pure."""
    if files < part.facts["count"]:
        fault: Failure = NotVerified(
            f"Volume {part.name} of vault {trial.vault.name} has {files} files, and recovery point "
            f"{trial.point} counted {part.facts['count']}.",
            safe="The volume itself was not touched.",
            do="Take a new recovery point: `liferaft snapshot`.",
            details={"vault": trial.vault.name, "key": folder(part.epoch, part.name)},
        )
        return replace(proof, faults=(fault,))
    said = (
        f"{files} files ({part.size / 1e6:.1f} MB) came back, were read again, and are what restic "
        "lists"
    )
    return replace(proof, checked=(said,))


def _damaged(part: Part, trial: Trial, said: str) -> NotAsSealed:
    return NotAsSealed(
        f"Snapshot {part.facts['snapshot'][:8]} of volume {part.name} in vault "
        f"{trial.vault.name} does not come back whole.",
        safe="The volume itself was not touched, and other snapshots may be whole.",
        do="Take a new recovery point: `liferaft snapshot`. If that one is damaged as well, put "
        "back earlier versions of the vault's objects below this key.",
        details={
            "vault": trial.vault.name,
            "key": folder(part.epoch, part.name),
            "said": said,
        },
    )
