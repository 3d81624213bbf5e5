"""What programs on hosts complain of that is not their own fault, in our words.

rclone, pgBackRest and the program of buckets hand on what a store answered. Stores agree on few
codes. A text that says none of these stays the program's own.
"""

import re
from dataclasses import dataclass
from typing import Final

_AGAIN: Final = "Then run the same command again."


@dataclass(frozen=True)
class Complaint:
    """Why it failed, as a sentence, and what to do about it."""

    why: str
    do: str


_REFUSED: Final = r"(?:status code: |answered |failed with |Error\] \[)"
"""What stands before a status: in rclone's words, the bucket program's, and pgBackRest's two."""
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_CLOCK: Final = r"RequestTimeTooSkewed"
# 507 and the first one are SeaweedFS's and others'; QuotaExceeded is Ceph's and Versity's. MinIO's:
# https://github.com/minio/minio/blob/master/cmd/api-errors.go
_FULL: Final = rf"InsufficientStorage|QuotaExceeded|StorageFull|{_REFUSED}507"
_KEYS: Final = (
    r"InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|InvalidToken|AllAccessDisabled"
    rf"|{_REFUSED}40[13]"
)
_DISK: Final = (
    r"[Nn]o space left on device|[Dd]isk quota exceeded"
    r"|file too big for remaining disk space"  # rclone's
    # pgBackRest's, which tells no reason where half a block was written. It says the same of a
    # network that takes no more, and of a process of its own that is gone: common/io/fdWrite.c
    r"|\A(?![\s\S]*(?:waiting for|unable to) write to )[\s\S]*\[FileWriteError\]"
)
SERVERS_DISK: Final = Complaint(
    "The server's disk is full, or takes no writes.",
    "Make room on that server, or give it a larger disk. Then run the same command again: what "
    "was half done is done anew.",
)
_KNOWN: Final = {
    _CLOCK: Complaint(
        "The store says that this server's clock is off by more than a quarter of an hour.",
        f"Set the server's clock: `timedatectl` there shows it beside the network's. {_AGAIN}",
    ),
    _FULL: Complaint(
        "The store takes no more: it is full, or its quota is used up.",
        "Make room in that store, or raise its quota: `liferaft snapshot prune` removes what no "
        f"recovery point needs. {_AGAIN}",
    ),
    _KEYS: Complaint(
        "The store refuses the key pair that the server has: it was revoked, or may not do this.",
        "Give that key pair its rights again, or set another one for this store and run "
        f"`liferaft deploy`, which brings it to the servers. {_AGAIN}",
    ),
    _DISK: SERVERS_DISK,
}
"""By patterns of which the first that is found counts: a full store may answer 403 as well."""


def complaint(said: str) -> Complaint | None:
    """What a program's last words come down to, if it is known. Pure."""
    return next((known for pattern, known in _KNOWN.items() if re.search(pattern, said)), None)
