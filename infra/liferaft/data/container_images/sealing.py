"""An archive is sealed on its server before it goes into a vault: so it is known what has to lie
there, and the store's own checksum of what it took is compared with that, instead of reading it all
back.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from liferaft.data.failures import SnapshotFailed
from liferaft.data.rclone import SEALING, Rclone
from liferaft.failures import Own
from liferaft.remote.acts import act
from liferaft.remote.digests import digest_argv
from liferaft.remote.markers import MARKERS

_COMPARED: Final = ("--retries=1", "--s3-no-head=false", "--s3-use-multipart-etag=true")
"""What is in the vault is asked for, and its checksum (ETag) is that of the bytes that were sent,
or of the parts in which they were: else rclone fails.
https://github.com/rclone/rclone/blob/v1.60.1/backend/s3/s3.go"""
_AS_IT_LIES: Final = ("copyto", "--ignore-times", "--s3-disable-checksum")
"""What is there has the right size and time, perhaps, and must be replaced all the same."""
_PROVEN: Final = "proven"
_BRING: Final = """
set -eu
trap 'rm -f -- "$1"' EXIT
{seal}
digest=$({digest})
mkdir -p {markers}
printf '%s\\n' "$digest" >"$2.new"
mv -f "$2.new" "$2"
echo "$digest"
if {compared}; then
    echo {proven}
else
    {anew}
    echo unproven
fi
"""


@dataclass(frozen=True)
class Brought:
    """digest: of the object as it has to lie in the vault. is_proven: whether the store's checksum
    of it was that; else it has to be read."""

    digest: str
    is_proven: bool


async def bring_sealed(
    rclone: Rclone,
    archive: str,
    folder: str,
    target: str,
    *,
    marker: str,
    doing: str,
    deadline: float,
) -> Brought:
    """The archive is sealed in the folder, a copy of it is brought to the target in the vault, and
    what lay in the folder is gone. marker: has its digest then, whoever learns how this ended.

    Of a store whose checksums are no MD5 of what it took, or that failed in between, it is not
    known whether it has the object: there it is brought once more, and not proven.
    """
    sealed = f"{folder}/{target.rpartition('/')[2]}"
    script = _script(rclone, archive, sealed, target)
    said = await act(
        rclone.host,
        ["bash", "-c", script, "-", f"{sealed}.bin", f"{MARKERS}/{marker}"],
        doing=doing,
        deadline=deadline,
        failure=SnapshotFailed,
        safe=Own("No manifest names this image yet."),
    )
    digest, _, how = said.partition("\n")
    return Brought(digest, is_proven=how == _PROVEN)


def _script(rclone: Rclone, archive: str, sealed: str, target: str) -> str:
    """It ends what it began though nobody waits for it any more. Pure."""
    there = f"{sealed}.bin"

    def words(argv: Sequence[str]) -> str:
        return shlex.join(argv)

    name = sealed.rpartition("/")[2]
    return _BRING.format(
        markers=MARKERS,
        proven=_PROVEN,
        seal=words(rclone.argv("copyto", "--ignore-times", archive, f"{SEALING}:{name}")),
        digest=words(digest_argv(there)),
        compared=words(rclone.argv(*_AS_IT_LIES, *_COMPARED, there, target)),
        anew=words(rclone.argv(*_AS_IT_LIES, "--ignore-checksum", there, target)),
    )
