"""Object stores, one per vendor of machines and one for the vault: SeaweedFS behind a front.

The store itself listens on its place's loopback address, without TLS: nobody gets past the front.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config

from liferaft_sandbox.addresses import (
    AWS_OBJECTS,
    COLO_OBJECTS,
    GCP_OBJECTS,
    HETZNER_OBJECTS,
    OBJECTS_PORT,
    PLACES,
    VAULT_BUCKET,
    VAULT_STORE,
)
from liferaft_sandbox.credentials import Credentials, KeyPair
from liferaft_sandbox.vendors import fronts
from liferaft_sandbox.vendors.certificates import Authority
from liferaft_sandbox.vendors.refusals import REFUSALS
from liferaft_sandbox.vendors.services import Service, together

PROBE_SECONDS = 10
LOOPBACK = "127.0.0.1"
BEHIND_PORT = 8333


@dataclass(frozen=True)
class Store:
    """One of them: whose it is, where it answers, and the only identity that it knows."""

    owner: str
    place: str
    address: str
    dns_name: str
    keys: KeyPair
    bucket: str | None = None
    """A bucket that is there from the start."""

    @property
    def name(self) -> str:
        """Of its service."""
        return f"{self.owner}-objects"

    def service(self) -> Service:
        """Its folder needs what `certify` puts there."""
        identity = {
            "name": "sandbox",
            "credentials": [
                {"accessKey": self.keys.access_key_id, "secretKey": self.keys.secret_access_key}
            ],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        weed = (
            *("/opt/bin/weed", "-logdir=/tmp", "mini", "-dir=/data"),
            *(f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"),
            *("-master.telemetry=false", "-webdav=false", "-admin.ui=false"),
            *(f"-s3.port={BEHIND_PORT}", "-s3.config=/data/s3.json"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0"),
            *("-filer.localSocket=/tmp/filer.sock", "-s3.localSocket=/tmp/s3.sock"),
        )
        front = fronts.caddyfile(
            *(self.dns_name, self.address, OBJECTS_PORT, f"{LOOPBACK}:{BEHIND_PORT}"),
            REFUSALS.get(self.owner, ()),
        )
        return Service(
            name=self.name,
            place=self.place,
            argv=together(weed, fronts.ARGV),
            resolver=PLACES[self.place].resolver,
            files={
                "s3.json": json.dumps({"identities": [identity]}).encode(),
                "Caddyfile": front.encode(),
            },
            environment=fronts.ENVIRONMENT,
        )


def stores(credentials: Credentials) -> tuple[Store, ...]:
    """All of the sandbox's."""
    return (
        Store("aws", "aws", AWS_OBJECTS, "s3.aws.test", credentials.aws),
        Store("gcp", "gcp", GCP_OBJECTS, "storage.gcp.test", credentials.gcp_objects),
        Store(
            "hetzner", "hetzner", HETZNER_OBJECTS, "fsn1.hetzner.test", credentials.hetzner_objects
        ),
        Store("colo", "colo", COLO_OBJECTS, "s3.colo.test", credentials.colo_objects),
        Store(
            *("vault", "neutral", VAULT_STORE, "objects.neutral.test", credentials.vault),
            bucket=VAULT_BUCKET,
        ),
    )


def certify(dns_name: str, folder: Path, authority: Authority) -> None:
    """Put the certificate that the store needs into its folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority.issue(dns_name, folder)


def probe(store: Store, ca_file: Path) -> None:
    """List the store's buckets, by name and over verified TLS; create its own if missing.

    Raises what boto3 raises while the store is not ready.
    """
    client = boto3.client(
        "s3",
        endpoint_url=f"https://{store.dns_name}:{OBJECTS_PORT}",
        region_name="us-east-1",
        aws_access_key_id=store.keys.access_key_id,
        aws_secret_access_key=store.keys.secret_access_key,
        verify=str(ca_file),
        config=Config(
            connect_timeout=PROBE_SECONDS,
            read_timeout=PROBE_SECONDS,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        ),
    )
    there = {entry.get("Name") for entry in client.list_buckets()["Buckets"]}
    if store.bucket is not None and store.bucket not in there:
        client.create_bucket(Bucket=store.bucket)
