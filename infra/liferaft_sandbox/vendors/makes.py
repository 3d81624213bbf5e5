"""What stands behind a front: the programs of two makers of stores, each with an owner, who may do
everything, and users of whom a policy says what they may.

They listen on their place's loopback address, without TLS: nobody gets past the front.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from liferaft_sandbox.credentials import KeyPair
from liferaft_sandbox.vendors.policies import EVERY_BUCKET, Policy, of_bucket

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8333
OBJECTS: Final = "/data/objects"
VERSIONS: Final = "/data/versions"
"""What was replaced, in buckets that keep versions: none does until somebody asks it to."""
USERS: Final = "/data"
"""Where Versity's gateway looks for its users.json."""


@dataclass(frozen=True)
class User:
    """Somebody beside the owner, who may do in a bucket of a name what the policy for it says."""

    name: str
    keys: KeyPair
    policy: Callable[[str], Policy]


@dataclass(frozen=True)
class Behind:
    """How the program is run, and what is laid into its folder, /data, before."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    bucket_policy: Callable[[str], Policy] | None = None
    """What has to be laid onto a bucket of a name, for a make whose users have no policies."""


Make = Callable[[KeyPair, Sequence[User]], Behind]
"""A store of that make, which knows these keys and users alone."""


def seaweed(keys: KeyPair, users: Sequence[User] = ()) -> Behind:
    """SeaweedFS, all of it in one process: objects lie in few large files.

    Its own word for writing, `Write`, has deleting in it; a policy that is attached to a user says
    what that user may, and nothing else does.
    """
    owner = {
        "name": "sandbox",
        "credentials": [_as_credential(keys)],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    known = {
        "identities": [
            owner,
            *(
                {
                    "name": one.name,
                    "credentials": [_as_credential(one.keys)],
                    "policyNames": [one.name],
                }
                for one in users
            ),
        ],
        "policies": [
            {"name": one.name, "content": json.dumps(one.policy(EVERY_BUCKET))} for one in users
        ],
    }
    return Behind(
        argv=(
            *("/opt/bin/weed", "-logdir=/tmp", "mini", "-dir=/data"),
            *(f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"),
            *("-master.telemetry=false", "-webdav=false", "-admin.ui=false"),
            *(f"-s3.port={PORT}", "-s3.config=/data/s3.json"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0"),
            *("-filer.localSocket=/tmp/filer.sock", "-s3.localSocket=/tmp/s3.sock"),
        ),
        files={"s3.json": json.dumps(known).encode()},
    )


def _as_credential(keys: KeyPair) -> Mapping[str, str]:
    return {"accessKey": keys.access_key_id, "secretKey": keys.secret_access_key}


def versity(keys: KeyPair, users: Sequence[User] = ()) -> Behind:
    """Versity's gateway: each object is a file, and what is known of it are the file's attributes.

    Its users have no policies: what they may stands in that of each bucket.

    A create of an object that is there is refused whoever else writes at that moment: since 1.8 it
    holds a lock from the question to the answer.
    """
    accounts = {
        one.keys.access_key_id: {
            "access": one.keys.access_key_id,
            "secret": one.keys.secret_access_key,
            "role": "user",
            "userID": 0,
            "groupID": 0,
            "projectID": 0,
        }
        for one in users
    }
    gateway = (
        *("/opt/bin/versitygw", "--quiet", "--keep-alive", f"--port={LOOPBACK}:{PORT}"),
        f"--iam-dir={USERS}",
        *("posix", f"--versioning-dir={VERSIONS}", OBJECTS),
    )
    return Behind(
        argv=("/bin/sh", "-c", f'mkdir -p {OBJECTS} {VERSIONS} && exec "$@"', "sh", *gateway),
        environment={
            "ROOT_ACCESS_KEY_ID": keys.access_key_id,
            "ROOT_SECRET_ACCESS_KEY": keys.secret_access_key,
        },
        files={"users.json": json.dumps({"accessAccounts": accounts}).encode()},
        bucket_policy=lambda bucket: of_bucket(
            (one.keys.access_key_id, one.policy(bucket)) for one in users
        ),
    )
