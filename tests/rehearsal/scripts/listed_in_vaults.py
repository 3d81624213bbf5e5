"""All versions of all objects of the vaults, by boto3 alone: JSON, vault → key → tags of versions.

What a drill may write is left out, and, without the argument `whole`, what a site's servers bring
by themselves.
"""

import json
import os
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import boto3

BY_SERVERS = ("/pgbackrest/", "/bucket/", "/certificates.json", "/certificates/")
LEFT_OUT = () if sys.argv[1:] == ["whole"] else BY_SERVERS
DRILLS = "chirp/drills/"


def is_ours(folder: str) -> bool:
    """Whether somebody compares what lies in it."""
    return not any(part in folder for part in (*LEFT_OUT, DRILLS))


told = tomllib.loads(Path("liferaft.toml").read_text())["vaults"]
found: dict[str, dict[str, list[str]]] = {}
for name, vault in told.items():
    variable = f"LIFERAFT_VAULT_{name.upper()}"
    store = boto3.client(
        "s3",
        endpoint_url=vault["endpoint"],
        region_name="us-east-1",
        aws_access_key_id=os.environ[f"{variable}_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ[f"{variable}_SECRET_ACCESS_KEY"],
        verify=os.environ[vault["ca_file"].removeprefix("env/")],
    )
    bucket = urlsplit(vault["url"]).netloc
    rows = found.setdefault(name, {})
    pages = store.get_paginator("list_object_versions")
    # SeaweedFS walks `epoch/` before `epoch-00000001/` and sorts within a page, so a page that ends
    # between them leaves one out: each folder is listed by itself.
    folders = [""]
    for folder in folders:
        for page in pages.paginate(Bucket=bucket, Prefix=folder, Delimiter="/"):
            below = (one["Prefix"] for one in page.get("CommonPrefixes", ()))
            folders += filter(is_ours, below)
            for row in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if not any(part in row["Key"] for part in LEFT_OUT):
                    told = f"{row['VersionId']} {row.get('ETag', 'deleted')}"
                    rows.setdefault(row["Key"], []).append(told)
    for versions in rows.values():
        versions.sort()
sys.stdout.write(json.dumps(found))
