"""The keeper of a bucket in one vault: a service on the database server that copies what is new,
over and over.

A snapshot alone would lose what was stored since. The archiver of the database
(`data/postgres/files/pgbackrest-push`) waits, for each vault, for the copies in that vault, so that
a restored row never names an object that is lost.
"""

import shlex
from pathlib import Path
from typing import Final

from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.exposure import exposure_file
from liferaft.data.bucket.reader import admit_reader
from liferaft.data.failures import SnapshotFailed
from liferaft.remote.acts import QUICK, act, last_words, succeeds
from liferaft.remote.contract import Host
from liferaft.remote.files import HostFile, differing, folders, put_changed
from liferaft.remote.markers import MARKERS

KEPT: Final = f"{MARKERS}/kept"
"""A folder for each vault, with a file for each kept bucket that has the beginning of its last
whole copy there. The archiver reads it."""
_SOURCES: Final = Path(__file__).parent / "files"
_UNIT_FILE: Final = "/etc/systemd/system/liferaft-bucket-keeper@.service"


async def is_keeping(host: Host, bucket: BucketData, epoch: int) -> bool:
    """The keeper runs, starts at boot, and copies this bucket into the vault under this epoch: it
    has done so, or its first copy is still under way."""
    if await differing(host, _files(bucket, epoch)):
        return False
    unit = _unit(bucket)
    asked = (
        f"systemctl --quiet is-enabled {unit} && systemctl --quiet is-active {unit}"
        f' && ([ -s {_kept(bucket)} ] || [ "$(systemctl show -P NRestarts {unit})" = 0 ])'
    )
    return await succeeds(host, ["bash", "-c", asked])


async def start_keeper(host: Host, bucket: BucketData, epoch: int) -> None:
    """Starts the keeper anew. Only while the site reigns in `epoch`. Idempotent."""
    # Until the first copy under this configuration is through, the archiver waits for none.
    told = exposure_file(bucket.task(use="keeper").instance)
    script = f"systemctl stop {_unit(bucket)} || true; rm -f {_kept(bucket)} {told}"
    await act(host, ["bash", "-c", script], doing=f"Stopping the {_called(bucket)}")
    await bucket.task(epoch, use="keeper").put(host)
    if bucket.references:
        await admit_reader(host)
    await folders(host, KEPT, f"{KEPT}/{bucket.sealed.vault.name}")
    await put_changed(host, _files(bucket, epoch))
    start = f"systemctl daemon-reload && systemctl enable --now {_unit(bucket)}"
    await act(host, ["bash", "-c", start], doing=f"Starting the {_called(bucket)}")


async def wait_for_first_copy(host: Host, bucket: BucketData, *, patience: float) -> bool:
    """Whether a first copy is through; a large one may go on after `patience` seconds.

    SnapshotFailed as soon as the first copy has failed.
    """
    whole = ["test", "-s", _kept(bucket)]
    failed = f'[ "$(systemctl show -P NRestarts {_unit(bucket)})" != 0 ]'
    wait = f"until {shlex.join(whole)} || {failed}; do sleep 0.2; done"
    limit = ["timeout", f"{patience:.0f}"]
    ended = await succeeds(host, [*limit, "bash", "-c", wait], deadline=patience + QUICK)
    if not ended or await succeeds(host, whole):
        return ended
    log = await host.run(
        ["journalctl", "--no-pager", "--output=cat", "--lines=12", f"--unit={_unit(bucket)}"],
        deadline=QUICK,
        check=False,
    )
    raise SnapshotFailed(
        f"The keeper of bucket {bucket.name} cannot copy into vault {bucket.sealed.vault.name}.",
        safe="The bucket is untouched; the database's archive goes on without it.",
        do="Mend what its log names; it tries again by itself every few seconds.",
        details={"said": last_words(log)},
    )


def unit_called(instance: str) -> str:
    return f"liferaft-bucket-keeper@{instance}.service"


def _files(bucket: BucketData, epoch: int) -> tuple[HostFile, ...]:
    return (
        *bucket.task(epoch, use="keeper").files(),
        HostFile(_UNIT_FILE, (_SOURCES / "liferaft-bucket-keeper@.service").read_bytes()),
    )


def _unit(bucket: BucketData) -> str:
    return unit_called(bucket.task(use="keeper").instance)


def _kept(bucket: BucketData) -> str:
    return f"{KEPT}/{bucket.sealed.vault.name}/{bucket.name}"


def _called(bucket: BucketData) -> str:
    return f"keeper of bucket {bucket.name} in vault {bucket.sealed.vault.name}"
