"""Object stores, one per vendor of machines and one per vault, each behind a front of its own.

All are SeaweedFS but the second vault's: two vaults are worth little when one fault is in both.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from liferaft_sandbox.addresses import (
    AWS_OBJECTS,
    COLO_OBJECTS,
    DEPOT_STORE,
    GCP_OBJECTS,
    HETZNER_OBJECTS,
    OBJECTS_PORT,
    PLACES,
    VAULT_BUCKET,
    VAULT_STORE,
    depot_bucket,
)
from liferaft_sandbox.credentials import Credentials, KeyPair, VaultKeys
from liferaft_sandbox.vendors import fronts, makes, policies
from liferaft_sandbox.vendors.certificates import Authority
from liferaft_sandbox.vendors.makes import Behind, Make, User
from liferaft_sandbox.vendors.refusals import REFUSALS
from liferaft_sandbox.vendors.services import Service, together

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PROBE_SECONDS = 10


@dataclass(frozen=True)
class Store:
    """One of them: whose it is, where it answers, and whom it knows: the owner of these keys, and
    users."""

    owner: str
    place: str
    address: str
    dns_name: str
    keys: KeyPair
    bucket: str | None = None
    """A bucket that is there from the start."""
    make: Make = makes.seaweed
    users: tuple[User, ...] = ()
    keeps_versions: bool = False
    """Whether that bucket does."""

    @property
    def name(self) -> str:
        """Of its service."""
        return f"{self.owner}-objects"

    @property
    def behind(self) -> Behind:
        """Its program."""
        return self.make(self.keys, self.users)

    def service(self) -> Service:
        """Its folder needs what `certify` puts there."""
        behind = self.behind
        front = fronts.caddyfile(
            *(self.dns_name, self.address, OBJECTS_PORT, f"{makes.LOOPBACK}:{makes.PORT}"),
            REFUSALS.get(self.owner, ()),
        )
        return Service(
            name=self.name,
            place=self.place,
            argv=together(behind.argv, fronts.ARGV),
            resolver=PLACES[self.place].resolver,
            files={**behind.files, "Caddyfile": front.encode()},
            environment={**behind.environment, **fronts.ENVIRONMENT},
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
        *vaults(credentials, VAULT_BUCKET),
    )


def vaults(credentials: Credentials, bucket: str) -> tuple[Store, Store]:
    """The stores of vaults, in the order in which the sample names them.

    bucket: of the first one; that of the second follows from it.
    """
    main = Store(
        *("vault", "neutral", VAULT_STORE, "objects.neutral.test", credentials.vault.operator),
        bucket=bucket,
        users=_users(credentials.vault),
        keeps_versions=True,
    )
    depot = Store(
        *("depot", "depot", DEPOT_STORE, "objects.depot.test", credentials.depot.operator),
        bucket=depot_bucket(bucket),
        make=makes.versity,
        users=_users(credentials.depot),
        keeps_versions=True,
    )
    return main, depot


def _users(keys: VaultKeys) -> tuple[User, ...]:
    """Who holds the pairs of a vault that are not its operator's."""
    return (
        User("hosts", keys.hosts, policies.adding),
        User("reading", keys.reading, policies.reading),
    )


def certify(dns_name: str, folder: Path, authority: Authority) -> None:
    """Put the certificate that the store needs into its folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority.issue(dns_name, folder)


def probe(store: Store, ca_file: Path) -> None:
    """List the store's buckets, by name and over verified TLS; create its own if missing, and let
    it be as it is told here.

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
    if store.bucket is not None:
        if store.bucket not in there:
            client.create_bucket(Bucket=store.bucket)
        _settle(client, store, store.bucket)


def _settle(client: "S3Client", store: Store, bucket: str) -> None:
    """Versions, and what users may there. Once more is nothing."""
    if store.keeps_versions:
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    policy = store.behind.bucket_policy
    if policy is not None and store.users:
        client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy(bucket)))
