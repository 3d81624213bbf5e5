"""`python vault_bytes.py BUCKET list | show KEY | flip KEY PLACE | back KEY`.

The vaults' objects as they lie there, where an operator is: `list` prints key → size of the first
vault's, and `show` one of them. `flip` changes one byte, at PLACE (0 to 1) of the object's length,
in every vault that has it, and keeps the whole object in `flipped`; `back` puts that back. What a
store keeps beside the bytes stays. BUCKET is the first vault's.
"""

import json
import os
import sys
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from liferaft_sandbox.addresses import depot_bucket


@dataclass(frozen=True)
class Vault:
    name: str
    endpoint: str
    ca_file: str
    """The variable that names it."""
    bucket: str

    @cached_property
    def s3(self) -> Any:
        keys = f"LIFERAFT_VAULT_{self.name.upper()}"
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            verify=os.environ[self.ca_file],
            aws_access_key_id=os.environ[f"{keys}_ACCESS_KEY_ID"],
            aws_secret_access_key=os.environ[f"{keys}_SECRET_ACCESS_KEY"],
        )

    def kept(self, key: str) -> Path:
        return Path("flipped") / self.name / sha256(key.encode()).hexdigest()

    def keys(self) -> dict[str, int]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return {row["Key"]: row["Size"] for page in pages for row in page.get("Contents", [])}

    def has(self, key: str) -> bool:
        try:
            self.s3.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:  # noqa: PLR2004
                raise
            return False
        return True

    def get(self, key: str) -> bytes:
        body: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def put(self, key: str, body: bytes) -> None:
        said = self.s3.head_object(Bucket=self.bucket, Key=key)
        kind, meta = said["ContentType"], said["Metadata"]
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=kind, Metadata=meta)

    def flip(self, key: str, place: float) -> None:
        whole = self.get(key)
        self.kept(key).parent.mkdir(parents=True, exist_ok=True)
        self.kept(key).write_bytes(whole)
        changed = bytearray(whole)
        # The last is a line's end, perhaps: it says nothing.
        changed[int(place * (len(whole) - 1))] ^= 1
        self.put(key, bytes(changed))


bucket, act, *words = sys.argv[1:]
first, second = (
    Vault("main", "https://objects.neutral.test:8443", "LIFERAFT_CA_FILE", bucket),
    Vault(
        *("depot", "https://objects.depot.test:8443", "LIFERAFT_DEPOT_CA_FILE"),
        depot_bucket(bucket),
    ),
)


if act == "list":
    sys.stdout.write(json.dumps(first.keys()))
elif act == "show":
    sys.stdout.write(first.get(words[0]).decode())
elif act == "flip":
    for vault in (first, second):
        if vault.has(words[0]):
            vault.flip(words[0], float(words[1]))
else:
    for vault in (first, second):
        if vault.kept(words[0]).exists():
            vault.put(words[0], vault.kept(words[0]).read_bytes())
