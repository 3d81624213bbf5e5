"""What a vault holds of a bucket, opened on a server: nothing is written anywhere."""

import json
import time
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from liferaft.data.bucket.program import AREA, BucketTask, SiteBucket
from liferaft.data.failures import NotAsSealed, NotVerified
from liferaft.data.proof import (
    Proof,
    Trial,
    finish_folder,
    folder_of,
    prepare_folder,
    run_in_scratch,
)
from liferaft.data.rclone import CryptSecrets, Sealed
from liferaft.recovery.part import Part
from liferaft.remote.contract import Host
from liferaft.remote.markers import MARKERS
from liferaft.vault.layout import EpochKeys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft.failures import Failure

_SECONDS: Final = 24 * 3600.0


async def prove(host: Host, part: Part, seal: CryptSecrets, trial: Trial) -> Proof:
    """Objects of the part's epoch are read to their end and opened: a sample, or all of them."""
    vault = trial.vault
    nowhere = SiteBucket(  # it is not asked
        *(vault.bucket, vault.url, vault.region, vault.access_key, vault.secret_key),
        ca_file=vault.ca_file,
    )
    sealed, folder = Sealed(vault, seal), folder_of(part, trial)
    task = BucketTask(
        part.name, nowhere, sealed, (part.epoch,), use="verify", state=folder or MARKERS
    )
    if folder is not None and trial.taken_at:
        task = replace(task, as_of=datetime.fromisoformat(trial.taken_at).timestamp())
    await task.put(host)
    if folder is not None:
        await prepare_folder(host, folder, part.size)
    begun = time.monotonic()
    said = await run_in_scratch(
        host,
        task.argv("unpack" if folder else "verify-all" if trial.whole else "verify"),
        trial=trial,
        doing=f"Reading bucket {part.name} in vault {vault.name}",
        deadline=_SECONDS,
    )
    proof = proof_of(part, json.loads(said), trial, time.monotonic() - begun)
    if folder is not None and not proof.faults:
        await finish_folder(host, folder)
    return proof


def proof_of(part: Part, came: "Mapping[str, Any]", trial: Trial, seconds: float) -> Proof:
    """What the server's answer means. Pure."""
    faults: list[Failure] = []
    vault, count = trial.vault.name, part.facts["count"]
    if came["damaged_count"]:
        first, why = next(iter(came["damaged"].items()))
        faults.append(
            NotAsSealed(
                f"{came['damaged_count']} objects of bucket {part.name} in vault {vault} cannot be "
                f"opened: {first}, for one: {why}.",
                safe="The site's own bucket was not asked, and has what it had.",
                do="Put back earlier versions of these objects. While the site that reigns has "
                "them, delete the damaged ones in the vault: the next copy of the whole bucket "
                "brings them there again.",
                details={"vault": vault, "key": ", ".join(came["damaged"])},
            )
        )
    if came["objects"] < count:
        faults.append(
            NotVerified(
                f"Vault {vault} holds {came['objects']} of the {count} objects of bucket "
                f"{part.name} that recovery point {trial.point} counted.",
                safe="What it still holds comes back.",
                do="See in the store's own log who has deleted the rest.",
                details={"vault": vault, "key": EpochKeys(part.epoch).data(AREA, part.name)},
            )
        )
    checked, unread = [], []
    if not faults:
        checked.append(
            f"{came['read']} of {came['objects']} objects were read to their end and opened "
            f"({came['read_size'] / 1e6:.1f} MB)"
        )
    left = came["objects"] - came["read"] - came["damaged_count"]
    if not trial.whole and left > 0:
        unread.append(f"{left} objects were listed and not read: `--all` reads them too.")
    return Proof(
        part.kind,
        part.name,
        seconds={"read": round(seconds, 3)},
        size=came["read_size"],
        checked=tuple(checked),
        unread=tuple(unread),
        faults=tuple(faults),
    )
