"""Buckets at whatever speaks S3: AWS itself, and the object storage that other clouds sell."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from liferaft.clouds import boto
from liferaft.clouds.contract import APP, SITE, Owned, Owner, no_update
from liferaft.clouds.control_plane import ControlPlane
from liferaft.clouds.kinds import BucketFacts, BucketSpec

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ErrorTypeDef, TaggingTypeDef


_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""https://www.w3.org/TR/xml/#charsets"""


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
    digest = hashlib.md5(params["body"], usedforsecurity=False).digest()
    params["headers"]["Content-MD5"] = base64.b64encode(digest).decode()


def _refusal(refused: "ErrorTypeDef") -> Exception:
    """One object's refusal in an answer to many, as if it alone had been asked for."""
    from botocore.exceptions import ClientError

    code = refused.get("Code", "Unknown")
    message = f"{refused.get('Message', '')} (object {refused.get('Key', '')!r})"
    status = {"InternalError": 500, "ServiceUnavailable": 503}.get(code, 200)
    said: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(said, "DeleteObjects")


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
        """Every version and marker goes: a versioned bucket keeps what was deleted."""
        uploads = self._s3.get_paginator("list_multipart_uploads").paginate(Bucket=name)
        for upload in [upload for page in uploads for upload in page.get("Uploads", [])]:
            self._abort(name, upload["Key"], upload["UploadId"])
        before, versions = None, self._first_versions(name)
        while versions and versions != before:
            self._delete_versions(name, versions)
            before, versions = versions, self._first_versions(name)
        self._s3.delete_bucket(Bucket=name)

    def _first_versions(self, name: str) -> list[tuple[str, str]]:
        """Keys and versions of one page. Always the first: no marker of what is gone by now."""
        page = self._s3.list_object_versions(Bucket=name)
        versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        return [(one["Key"], one["VersionId"]) for one in versions]

    def _abort(self, name: str, key: str, upload: str) -> None:
        try:
            self._s3.abort_multipart_upload(Bucket=name, Key=key, UploadId=upload)
        except self._plane.errors as error:
            if not self._plane.is_gone(self._plane.classify(error).code):
                raise  # one that has ended meanwhile is no obstacle

    def _delete_versions(self, name: str, versions: Sequence[tuple[str, str]]) -> None:
        """In one request, but for keys that XML cannot say. A refusal of any is an error."""
        sayable = [one for one in versions if not _NOT_IN_XML.search(one[0])]
        for key, version in set(versions).difference(sayable):
            self._s3.delete_object(Bucket=name, Key=key, VersionId=version)
        if sayable:
            answer = self._s3.delete_objects(
                Bucket=name,
                Delete={
                    "Objects": [{"Key": key, "VersionId": version} for key, version in sayable],
                    "Quiet": True,
                },
            )
            for refused in answer.get("Errors", []):
                raise _refusal(refused)

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
