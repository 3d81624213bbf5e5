"""`python vault_bytes.py BUCKET list | show KEY | flip KEY PLACE | back KEY`.

The vault's objects as they lie there, where an operator is: `list` prints key → size; `flip`
changes one byte, at PLACE (0 to 1) of the object's length, and keeps the whole object in `flipped`;
`back` puts that back. What the store keeps beside the bytes stays.
"""

import json
import os
import sys
from hashlib import sha256
from pathlib import Path

import boto3

bucket, act, *words = sys.argv[1:]
s3 = boto3.client(
    "s3",
    endpoint_url="https://objects.neutral.test:8443",
    verify=os.environ["LIFERAFT_CA_FILE"],
    aws_access_key_id=os.environ["LIFERAFT_VAULT_MAIN_ACCESS_KEY_ID"],
    aws_secret_access_key=os.environ["LIFERAFT_VAULT_MAIN_SECRET_ACCESS_KEY"],
)


def kept(key: str) -> Path:
    return Path("flipped") / sha256(key.encode()).hexdigest()


def put(key: str, body: bytes) -> None:
    said = s3.head_object(Bucket=bucket, Key=key)
    kind, meta = said["ContentType"], said["Metadata"]
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType=kind, Metadata=meta)


if act == "list":
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = {row["Key"]: row["Size"] for page in pages for row in page.get("Contents", [])}
    sys.stdout.write(json.dumps(found))
elif act == "show":
    sys.stdout.write(s3.get_object(Bucket=bucket, Key=words[0])["Body"].read().decode())
elif act == "flip":
    key, place = words[0], float(words[1])
    whole = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    kept(key).parent.mkdir(exist_ok=True)
    kept(key).write_bytes(whole)
    changed = bytearray(whole)
    changed[int(place * (len(whole) - 1))] ^= (
        1  # the last is a line's end, perhaps: it says nothing
    )
    put(key, bytes(changed))
else:
    put(words[0], kept(words[0]).read_bytes())
