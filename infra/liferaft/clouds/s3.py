"""Buckets at whatever speaks S3: AWS itself, and the object storage that other clouds sell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from liferaft.clouds.contract import APP, SITE, Owned, Owner, no_update
from liferaft.clouds.control_plane import ControlPlane
from liferaft.clouds.kinds import BucketFacts, BucketSpec

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TaggingTypeDef

CONNECT_TIMEOUT = 5
READ_TIMEOUT = 30


def client_settings(**more: Any) -> Any:
    """botocore's Config with its retries off, sockets bounded, and no look at the environment."""
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # missing in the stubs
        max_pool_connections=20,
        **more,
    )


@dataclass(frozen=True)
class S3Account:
    """Where the buckets are and what opens them."""

    region: str
    access_key_id: str
    secret_access_key: str
    endpoint: str | None = None
    """None for AWS's own."""
    session_token: str | None = None
    ca_file: str | None = None

    def __repr__(self) -> str:
        return f"S3Account(region={self.region!r}, endpoint={self.endpoint!r})"

    def client(self) -> "S3Client":
        import boto3

        session = boto3.session.Session(
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            aws_session_token=self.session_token,
            region_name=self.region,
        )
        # Other vendors' S3 has no wildcard certificates and not the newest checksums.
        settings = client_settings(
            s3={"addressing_style": "path" if self.endpoint else "virtual"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return session.client(
            "s3", endpoint_url=self.endpoint, verify=self.ca_file or True, config=settings
        )


class S3Bucket:
    """Buckets, emptied when they are deleted. Implements Resource[BucketSpec, BucketFacts]."""

    def __init__(self, plane: ControlPlane, account: S3Account, public_endpoint: str) -> None:
        self._plane = plane
        self._account = account
        self._endpoint = public_endpoint

    @cached_property
    def _s3(self) -> "S3Client":
        return self._account.client()

    def create(self, spec: BucketSpec, owner: Owner) -> BucketFacts:
        self._plane.create_once(
            f"creating bucket {spec.name}",
            lambda: self._find(spec, owner),
            lambda: self._make(spec),
        )
        self._label(spec.name, owner.labels(spec))
        return self._plane.wait_until_listed(f"bucket {spec.name}", lambda: self.read(spec.name))

    def read(self, ident: str) -> BucketFacts | None:
        head = self._plane.look_up(
            f"reading bucket {ident}", lambda: self._s3.head_bucket(Bucket=ident)
        )
        return None if head is None else self._facts(ident)

    def update(self, ident: str, spec: BucketSpec) -> BucketFacts:
        raise no_update(self._plane.cloud, "bucket")

    def delete(self, ident: str) -> None:
        doing = f"deleting bucket {ident}"
        if self.read(ident) is None:
            return
        self._plane.remove(doing, lambda: self._empty_and_delete(ident))

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        listing = self._plane.ask("listing buckets", self._s3.list_buckets)
        owned = []
        for bucket in listing["Buckets"]:
            name = bucket["Name"]
            labels = self._labels(name)
            if labels.get(APP) == app and site in (None, labels.get(SITE)):
                owned.append(Owned(name, name, labels))
        return owned

    def _find(self, spec: BucketSpec, owner: Owner) -> str | None:
        """The bucket if it is ours. S3 cannot tag in the creating call, so a kill between the two
        calls leaves an empty bucket without tags: that is taken too, and harms nobody."""
        mine = {bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]}
        if spec.name not in mine:
            return None
        labels = self._labels(spec.name)
        if labels or not self._is_empty(spec.name):
            owner.check(self._plane.cloud, "the bucket", spec.name, labels, spec)
        return spec.name

    def _make(self, spec: BucketSpec) -> str:
        # us-east-1 is the one region that S3 wants left out.
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        if self._account.region == "us-east-1":
            self._s3.create_bucket(Bucket=spec.name)
        else:
            self._s3.create_bucket(
                Bucket=spec.name,
                CreateBucketConfiguration={"LocationConstraint": self._account.region},  # type: ignore[typeddict-item]  # any region
            )
        return spec.name

    def _empty_and_delete(self, name: str) -> None:
        for upload in self._s3.list_multipart_uploads(Bucket=name).get("Uploads", []):
            self._s3.abort_multipart_upload(
                Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"]
            )
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=name):
            for found in page.get("Contents", []):
                self._s3.delete_object(Bucket=name, Key=found["Key"])
        self._s3.delete_bucket(Bucket=name)

    def _label(self, name: str, labels: Mapping[str, str]) -> None:
        if self._labels(name) == labels:
            return
        tags: TaggingTypeDef = {
            "TagSet": [{"Key": key, "Value": value} for key, value in labels.items()]
        }
        self._plane.ensure(
            f"tagging bucket {name}",
            lambda: self._s3.put_bucket_tagging(Bucket=name, Tagging=tags),
        )

    def _is_empty(self, name: str) -> bool:
        return self._s3.list_objects_v2(Bucket=name, MaxKeys=1)["KeyCount"] == 0

    def _labels(self, name: str) -> Mapping[str, str]:
        answer = self._plane.look_up(
            f"reading tags of bucket {name}", lambda: self._s3.get_bucket_tagging(Bucket=name)
        )
        return {} if answer is None else {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def _facts(self, name: str) -> BucketFacts:
        return BucketFacts(name, name, self._endpoint, self._account.region)
