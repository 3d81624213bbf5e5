"""What a simulated account holds, asked in its cloud's own words: `listing.py CLOUD` prints JSON.

It runs in the operator's place of a sandbox. No label is looked at and no code of liferaft's used.
"""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

SECONDS = 60


def hetzner() -> Iterator[str]:
    base, token = os.environ["HCLOUD_ENDPOINT"], os.environ["HCLOUD_TOKEN"]
    for plural in ("networks", "firewalls", "ssh_keys", "primary_ips", "servers", "volumes"):
        yield from _names(f"{base}/{plural}", token, plural)
    yield from _names(f"{base}/images?type=snapshot", token, "images")
    yield from _buckets("HETZNER_S3_ENDPOINT", "HETZNER_S3")


def aws() -> Iterator[str]:
    import boto3

    ec2 = boto3.client("ec2")
    yield from (row["VpcId"] for row in ec2.describe_vpcs()["Vpcs"] if not row["IsDefault"])
    groups = ec2.describe_security_groups()["SecurityGroups"]
    yield from (row["GroupId"] for row in groups if row["GroupName"] != "default")
    yield from (row["KeyName"] for row in ec2.describe_key_pairs()["KeyPairs"])
    yield from (row["PublicIp"] for row in ec2.describe_addresses()["Addresses"])
    yield from (row["VolumeId"] for row in ec2.describe_volumes()["Volumes"])
    yield from (row["ImageId"] for row in ec2.describe_images(Owners=["self"])["Images"])
    snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    yield from (row["SnapshotId"] for row in snapshots)
    for reservation in ec2.describe_instances()["Reservations"]:
        for row in reservation["Instances"]:
            if row["State"]["Name"] != "terminated":
                yield row["InstanceId"]
    yield from _buckets("AWS_ENDPOINT_URL_S3", "AWS")


def gcp() -> Iterator[str]:
    from google.auth.transport.requests import Request as Refreshing
    from google.oauth2.service_account import Credentials

    path = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    credentials = Credentials.from_service_account_file(path, scopes=scopes)  # type: ignore[no-untyped-call]  # it has no types
    credentials.refresh(Refreshing())
    compute = os.environ["CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE"]
    project = f"{compute}projects/{credentials.project_id}"
    for plural in ("instances", "disks", "addresses", "subnetworks"):
        found = _answer(f"{project}/aggregated/{plural}", credentials.token)["items"]
        yield from (row["name"] for place in found.values() for row in place.get(plural, []))
    for plural in ("networks", "firewalls", "images"):
        found = _answer(f"{project}/global/{plural}", credentials.token).get("items", [])
        yield from (row["name"] for row in found)
    storage = os.environ["CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE"]
    found = _answer(f"{storage}b?project={credentials.project_id}", credentials.token)
    yield from (row["name"] for row in found.get("items", []))


def _buckets(endpoint: str, keys: str) -> Iterator[str]:
    import boto3

    s3 = boto3.client(
        "s3",
        endpoint_url=os.environ[endpoint],
        region_name="us-east-1",
        aws_access_key_id=os.environ[f"{keys}_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ[f"{keys}_SECRET_ACCESS_KEY"],
        verify=os.environ["LIFERAFT_CA_FILE"],
    )
    yield from (row["Name"] for row in s3.list_buckets()["Buckets"])


def _names(url: str, token: str, plural: str) -> Iterator[str]:
    for row in _answer(url, token)[plural]:
        yield f"{plural} {row['id']}"


def _answer(url: str, token: str) -> Any:
    asked = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310  # the sandbox's own
    with urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310  # as above
        return json.load(answer)


if __name__ == "__main__":
    sys.stdout.write(
        json.dumps(sorted({"hetzner": hetzner, "aws": aws, "gcp": gcp}[sys.argv[1]]()))
    )
