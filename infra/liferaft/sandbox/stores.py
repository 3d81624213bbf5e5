"""Object stores: SeaweedFS over TLS, one per cloud and one for the vault at the neutral vendor."""

import json
from pathlib import Path

import boto3
from botocore.config import Config

from liferaft.sandbox.addresses import OBJECTS_PORT, PLACES
from liferaft.sandbox.certificates import Authority
from liferaft.sandbox.credentials import KeyPair
from liferaft.sandbox.services import Service

PROBE_SECONDS = 3


def store(name: str, place: str, address: str, keys: KeyPair) -> Service:
    """A store whose only identity is `keys`. Its folder needs `cert.pem` and `key.pem`."""
    identity = {
        "name": "sandbox",
        "credentials": [{"accessKey": keys.access_key_id, "secretKey": keys.secret_access_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    return Service(
        name=name,
        place=place,
        argv=(
            *("/opt/bin/weed", "-logdir=/tmp", "mini", "-dir=/data"),
            *(f"-ip={address}", f"-ip.bind={address}"),
            *("-master.telemetry=false", "-webdav=false", "-admin.ui=false"),
            *("-s3.port=8333", f"-s3.port.https={OBJECTS_PORT}", "-s3.config=/data/s3.json"),
            *("-s3.cert.file=/data/cert.pem", "-s3.key.file=/data/key.pem"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0"),
            *("-filer.localSocket=/tmp/filer.sock", "-s3.localSocket=/tmp/s3.sock"),
        ),
        resolver=PLACES[place].resolver,
        files={"s3.json": json.dumps({"identities": [identity]}).encode()},
    )


def certify(dns_name: str, folder: Path, authority: Authority) -> None:
    """Put the certificate that the store needs into its folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority.issue(dns_name, folder)


def probe(dns_name: str, keys: KeyPair, ca_file: Path, bucket: str | None) -> None:
    """List the store's buckets, by name and over verified TLS, and create `bucket` if missing.

    Raises what boto3 raises while the store is not ready.
    """
    client = boto3.client(
        "s3",
        endpoint_url=f"https://{dns_name}:{OBJECTS_PORT}",
        region_name="us-east-1",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        verify=str(ca_file),
        config=Config(
            connect_timeout=PROBE_SECONDS,
            read_timeout=PROBE_SECONDS,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
        ),
    )
    there = {entry.get("Name") for entry in client.list_buckets()["Buckets"]}
    if bucket is not None and bucket not in there:
        client.create_bucket(Bucket=bucket)
