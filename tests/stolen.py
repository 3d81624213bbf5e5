"""Somebody has a vault's key, and does with it what it allows."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from pydantic import SecretStr
from tests.contract.stores import KEY, KEY_ID

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.vault import CheckedVault, open_vault
from liferaft.vault.versions import Versions

APP = "chirp"
A_SECOND = 1.1
"""Stores tell whole seconds."""


@dataclass(frozen=True)
class Bucket:
    """A bucket, as its operator has it, and as whoever stole the key has."""

    endpoint: str
    ca_file: Path
    name: str

    @property
    def s3(self) -> Any:
        return boto3.client(
            "s3",
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            verify=str(self.ca_file),
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=KEY,
            config=Config(
                s3={"addressing_style": "path"}, request_checksum_calculation="when_required"
            ),
        )

    @property
    def declared(self) -> VaultConfig:
        return VaultConfig(url=f"s3://{self.name}", endpoint=self.endpoint)

    @property
    def credentials(self) -> VaultCredentials:
        return VaultCredentials(SecretStr(KEY_ID), SecretStr(KEY), self.ca_file)

    def make(self, *, keeps_versions: bool = True) -> "Bucket":
        self.s3.create_bucket(Bucket=self.name)
        if keeps_versions:
            settings = {"Status": "Enabled"}
            self.s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration=settings)
        return self

    def vault(self, name: str = "main") -> CheckedVault:
        return open_vault(name, self.declared, self.credentials, prefix=APP)

    def versions(self, name: str = "main") -> Versions:
        found = Versions.of(name, self.declared, self.credentials, prefix=APP)
        assert found is not None
        return found

    def write(self, key: str, body: bytes) -> None:
        """With what rclone notes of a file."""
        self.s3.put_object(
            Bucket=self.name, Key=f"{APP}/{key}", Body=body, Metadata={"mtime": "17"}
        )

    def write_in_parts(self, key: str, *parts: bytes) -> None:
        asked = {"Bucket": self.name, "Key": f"{APP}/{key}"}
        upload = self.s3.create_multipart_upload(**asked, Metadata={"mtime": "17"})["UploadId"]
        there = [
            {
                "PartNumber": number,
                "ETag": self.s3.upload_part(**asked, UploadId=upload, PartNumber=number, Body=part)[
                    "ETag"
                ],
            }
            for number, part in enumerate(parts, 1)
        ]
        self.s3.complete_multipart_upload(
            **asked, UploadId=upload, MultipartUpload={"Parts": there}
        )

    def holds(self) -> Mapping[str, bytes]:
        """Everything below the app's prefix, by key; notes of putting back left out."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=f"{APP}/"
        )
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]
        return {
            key.removeprefix(f"{APP}/"): self.s3.get_object(Bucket=self.name, Key=key)[
                "Body"
            ].read()
            for key in keys
            if not key.startswith(f"{APP}/put-back/")
        }

    def metadata(self, key: str) -> Mapping[str, str]:
        found: Mapping[str, str] = self.s3.head_object(Bucket=self.name, Key=f"{APP}/{key}")[
            "Metadata"
        ]
        return found

    def versions_of(self, key: str) -> int:
        """How many versions with content are there."""
        found = self.s3.list_object_versions(Bucket=self.name, Prefix=f"{APP}/{key}")
        return len(found.get("Versions", ()))

    def be_robbed(self) -> None:
        """Every object is overwritten, each second one deleted then, and others are put beside."""
        keys = sorted(self.holds())
        for key in keys:
            self.write(key, b"all your objects belong to us")
        time.sleep(A_SECOND)
        for key in keys[::2]:
            self.s3.delete_object(Bucket=self.name, Key=f"{APP}/{key}")
        for key in ("epoch/00000007", "epoch/99999999", "lease/00000400", "ransom.txt"):
            self.write(key, b"pay")


def moment_between() -> datetime:
    """A moment after what was written and before what will be."""
    time.sleep(A_SECOND)
    found = datetime.now(UTC)
    time.sleep(A_SECOND)
    return found
