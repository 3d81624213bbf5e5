"""What stands behind a front: the programs of two makers of stores, each with one identity.

They listen on their place's loopback address, without TLS: nobody gets past the front.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from liferaft_sandbox.credentials import KeyPair

LOOPBACK: Final = "127.0.0.1"
PORT: Final = 8333
OBJECTS: Final = "/data/objects"
VERSIONS: Final = "/data/versions"
"""What was replaced, in buckets that keep versions: none does until somebody asks it to."""


@dataclass(frozen=True)
class Behind:
    """How the program is run, and what is laid into its folder, /data, before."""

    argv: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


Make = Callable[[KeyPair], Behind]
"""A store of that make, which knows these keys alone."""


def seaweed(keys: KeyPair) -> Behind:
    """SeaweedFS, all of it in one process: objects lie in few large files."""
    identity = {
        "name": "sandbox",
        "credentials": [{"accessKey": keys.access_key_id, "secretKey": keys.secret_access_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
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
        files={"s3.json": json.dumps({"identities": [identity]}).encode()},
    )


def versity(keys: KeyPair) -> Behind:
    """Versity's gateway: each object is a file, and what is known of it are the file's attributes.

    A create of an object that is there is refused whoever else writes at that moment: since 1.8 it
    holds a lock from the question to the answer.
    """
    gateway = (
        *("/opt/bin/versitygw", "--quiet", "--keep-alive", f"--port={LOOPBACK}:{PORT}"),
        *("posix", f"--versioning-dir={VERSIONS}", OBJECTS),
    )
    return Behind(
        argv=("/bin/sh", "-c", f'mkdir -p {OBJECTS} {VERSIONS} && exec "$@"', "sh", *gateway),
        environment={
            "ROOT_ACCESS_KEY_ID": keys.access_key_id,
            "ROOT_SECRET_ACCESS_KEY": keys.secret_access_key,
        },
    )
