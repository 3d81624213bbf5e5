"""`python vault_bytes.py BUCKET list | show KEY | flip KEY PLACE | delete KEY | replace KEY FILE |
back KEY`.

The vaults' objects as they lie there, where an operator is. `list` prints key → size of the first
vault's, `list every` that of all vaults, and `show` one of the first's. `flip` changes one byte, at
PLACE (0 to 1) of the object's length, in every vault that has it, `delete` takes it away there, and
`replace` has a file's content in its place; the whole object is kept in `kept`, and `back` puts
that back. What a store keeps beside the bytes stays. BUCKET is the first vault's.
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
        return Path("kept") / self.name / sha256(key.encode()).hexdigest()

    def keep(self, key: str) -> bytes:
        """The object, kept as it was when it was first touched here."""
        whole = self.get(key)
        if not self.kept(key).exists():
            self.kept(key).parent.mkdir(parents=True, exist_ok=True)
            self.kept(key).write_bytes(whole)
        return whole

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
        kind = {}
        if self.has(key):
            said = self.s3.head_object(Bucket=self.bucket, Key=key)
            kind = {"ContentType": said["ContentType"], "Metadata": said["Metadata"]}
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **kind)

    def flip(self, key: str, place: float) -> None:
        whole = self.keep(key)
        changed = bytearray(whole)
        # The last is a line's end, perhaps: it says nothing.
        changed[int(place * (len(whole) - 1))] ^= 1
        self.put(key, bytes(changed))

    def change(self, act: str, key: str, *told: str) -> None:
        if act == "flip":
            self.flip(key, float(told[0]))
        elif act == "replace":
            self.keep(key)
            self.put(key, Path(told[0]).read_bytes())
        elif act == "delete":
            self.keep(key)
            self.s3.delete_object(Bucket=self.bucket, Key=key)
        else:
            raise SystemExit(f"{act} is nothing that is done here")


bucket, act, *words = sys.argv[1:]
first, second = (
    Vault("main", "https://objects.neutral.test:8443", "LIFERAFT_CA_FILE", bucket),
    Vault(
        *("depot", "https://objects.depot.test:8443", "LIFERAFT_DEPOT_CA_FILE"),
        depot_bucket(bucket),
    ),
)


if act == "list":
    others = second.keys() if words == ["every"] else {}
    sys.stdout.write(json.dumps({**others, **first.keys()}))
elif act == "show":
    sys.stdout.write(first.get(words[0]).decode())
elif act == "back":
    for vault in (first, second):
        if vault.kept(words[0]).exists():
            vault.put(words[0], vault.kept(words[0]).read_bytes())
            vault.kept(words[0]).unlink()
else:
    for vault in (first, second):
        if vault.has(words[0]):
            vault.change(act, *words)
