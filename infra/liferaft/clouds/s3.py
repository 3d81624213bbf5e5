"""Buckets at whatever speaks S3: AWS itself, and the object storage that other clouds sell."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from liferaft.clouds import boto
from liferaft.clouds.bucket_labels import OWNER, BucketLabels
from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.contract import APP, SITE, Owned, Owner, no_update
from liferaft.clouds.control_plane import ControlPlane
from liferaft.clouds.kinds import BucketFacts, BucketSpec
from liferaft.clouds.s3_emptying import S3Emptying

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_s3 import S3Client


_log = logging.getLogger(__name__)


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

    @property
    def session(self) -> "Session":
        """boto3 with these keys and nothing else."""
        keys = boto.AccountKeys(self.access_key_id, self.secret_access_key, self.session_token)
        return boto.session(keys, self.region)

    def client(self) -> "S3Client":
        # Other vendors' S3 has no wildcard certificates and not the newest checksums.
        settings = boto.client_settings(
            s3={"addressing_style": "path" if self.endpoint else "virtual"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        client = self.session.client(
            "s3", endpoint_url=self.endpoint, verify=self.ca_file or True, config=settings
        )
        for demanding in ("DeleteObjects", "PutBucketTagging"):
            client.meta.events.register(f"before-call.s3.{demanding}", _with_md5)
        return client


def _with_md5(params: dict[str, Any], **_: Any) -> None:
    """The checksum that S3 demands of a call, in the form that every vendor knows."""
    params["context"].get("checksum", {}).pop("request_algorithm", None)
    params["headers"].pop("x-amz-sdk-checksum-algorithm", None)
    params["headers"]["Content-MD5"] = boto.content_md5(params["body"])


class S3Bucket:
    """Buckets, emptied when they are deleted. Implements Resource[BucketSpec, BucketFacts]."""

    def __init__(self, plane: ControlPlane, account: S3Account, public_endpoint: str) -> None:
        self._plane = plane
        self._account = account
        self._endpoint = public_endpoint
        self._labels = BucketLabels(plane, lambda: self._s3)

    @cached_property
    def _s3(self) -> "S3Client":
        return self._account.client()

    def create(self, spec: BucketSpec, owner: Owner) -> BucketFacts:
        self._plane.create_once(
            f"creating bucket {spec.name}",
            lambda: self._find(spec, owner),
            lambda: self._make(spec),
        )
        labels = owner.labels(spec)
        if self._labels.read(spec.name) != labels:
            self._labels.write(spec.name, labels)
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
        """Only those are looked at whose names begin as the app's do: others are none of ours, and
        a policy may keep us from them."""
        listing = self._plane.ask("listing buckets", self._s3.list_buckets)
        owned = []
        for name in (bucket["Name"] for bucket in listing["Buckets"]):
            labels = self._labels_if_told(name) if name.startswith(f"{app}-") else {}
            if labels.get(APP) == app and site in (None, labels.get(SITE)):
                owned.append(Owned(name, name, labels))
        return owned

    def _labels_if_told(self, name: str) -> Mapping[str, str]:
        """Of a bucket that may be ours. One that may not be asked is named, and left out."""
        try:
            return self._labels.read(name)
        except CloudFailure as failure:
            if failure.classification.verdict not in (Verdict.AMBIGUOUS, Verdict.REFUSED):
                raise
            _log.warning(
                "%s: bucket %s is left out, for whose it is may not be asked: %s",
                *(self._plane.cloud, name, failure.classification.code),
            )
            return {}

    def _find(self, spec: BucketSpec, owner: Owner) -> str | None:
        """The bucket if it is ours. S3 cannot label in the creating call, so a kill between the two
        calls leaves an empty bucket without labels: that is taken too, and harms nobody."""
        mine = {bucket["Name"] for bucket in self._s3.list_buckets()["Buckets"]}
        if spec.name not in mine:
            return None
        labels = self._labels.read(spec.name)
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
        """A kill before the end leaves whose it is, and the next try goes on."""
        S3Emptying(self._plane, self._s3, name, last=OWNER).run()
        self._s3.delete_bucket(Bucket=name)

    def _is_empty(self, name: str) -> bool:
        return self._s3.list_objects_v2(Bucket=name, MaxKeys=1)["KeyCount"] == 0

    def _facts(self, name: str) -> BucketFacts:
        return BucketFacts(name, name, self._endpoint, self._account.region)
