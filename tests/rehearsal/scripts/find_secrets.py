"""Which secrets of the application, of the operator, lie open: JSON, a list of names and places.

Arguments: files and folders to look through besides every vault, whole.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3

from liferaft.secrets import unseal

SECRET = ("SECRET_ACCESS_KEY", "TOKEN", "API_KEY")
VAULTS = (
    ("MAIN", "https://objects.neutral.test:8443", "LIFERAFT_CA_FILE", "chirp-vault"),
    ("DEPOT", "https://objects.depot.test:8443", "LIFERAFT_DEPOT_CA_FILE", "chirp-vault-depot"),
)


def objects() -> Iterator[tuple[str, bytes]]:
    for vault, endpoint, ca_file, bucket in VAULTS:
        s3 = boto3.client(
            "s3",
            endpoint_url=endpoint,
            verify=os.environ[ca_file],
            aws_access_key_id=os.environ[f"LIFERAFT_VAULT_{vault}_ACCESS_KEY_ID"],
            aws_secret_access_key=os.environ[f"LIFERAFT_VAULT_{vault}_SECRET_ACCESS_KEY"],
        )
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for found in page.get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=found["Key"])["Body"].read()
                yield f"vault {vault} {found['Key']}", body


def files() -> Iterator[tuple[str, bytes]]:
    for root in map(Path, sys.argv[1:]):
        for path in [root, *root.rglob("*")]:
            if path.is_file():
                yield str(path), path.read_bytes()


def secrets(held: dict[str, bytes]) -> dict[str, bytes]:
    identity, wanted = Path(os.environ["LIFERAFT_IDENTITY_FILE"]), {}
    for key in [key for key in held if key.endswith("secrets.age")]:
        for name, value in unseal(held[key].partition(b"\n")[2], identity).items():
            # Of a private key a line from its midst: its text has line ends.
            wanted[f"{key} {name}"] = (value.splitlines()[3] if "\n" in value else value).encode()
    own = {name: value for name, value in os.environ.items() if name.endswith(SECRET)}
    return {**wanted, **{name: value.encode() for name, value in own.items()}}


held = dict(objects())
wanted = secrets(held)
places = {**held, **dict(files())}
sys.stdout.write(
    json.dumps(
        {
            "secrets": len(wanted),
            "places": len(places),
            "found": [
                f"{name} in {place}"
                for place, body in places.items()
                for name, value in wanted.items()
                if value in body
            ],
        }
    )
)
