"""What may be done with the keys of a vault that are not its operator's: a test holds these to be
the policies of docs/vaults.md.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Statement = Mapping[str, Any]
Policy = Mapping[str, Any]
EVERY_BUCKET: Final = "*"


def adding(bucket: str = EVERY_BUCKET) -> Policy:
    """What servers hold: they write and read, and delete what pgBackRest and restic have to."""
    there = f"arn:aws:s3:::{bucket}"
    return policy(
        _allow(("ListBucket", "ListBucketMultipartUploads", "GetBucketLocation"), there),
        _allow(
            ("GetObject", "PutObject", "AbortMultipartUpload", "ListMultipartUploadParts"),
            f"{there}/*",
        ),
        _allow(
            ("DeleteObject",),
            f"{there}/*/pgbackrest/backup/*",
            f"{there}/*/volume/*/repository/locks/*",
        ),
    )


def reading(bucket: str = EVERY_BUCKET) -> Policy:
    """What servers are given to try a restore."""
    there = f"arn:aws:s3:::{bucket}"
    return policy(_allow(("ListBucket",), there), _allow(("GetObject",), f"{there}/*"))


def policy(*statements: Statement) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def of_bucket(policies: Iterable[tuple[str, Policy]]) -> Policy:
    """One policy for a bucket of what each of these keys may, by its id."""
    return policy(
        *(
            {**statement, "Principal": {"AWS": [key_id]}}
            for key_id, told in policies
            for statement in told["Statement"]
        )
    )


def _allow(actions: Iterable[str], *resources: str) -> Statement:
    where = resources[0] if len(resources) == 1 else list(resources)
    return {"Effect": "Allow", "Action": [f"s3:{one}" for one in actions], "Resource": where}
