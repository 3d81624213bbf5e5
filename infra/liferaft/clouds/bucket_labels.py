"""Whose a bucket is: its tags, or an object in it where the store has no tags for buckets.

Nobody's object is called OWNER but liferaft's. Copies of a bucket leave it alone, and it goes last.
"""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from liferaft.clouds.boto import content_md5
from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.control_plane import ControlPlane

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import TaggingTypeDef

OWNER: Final = ".liferaft-owner"
"""The key of the object; `bucketcopy` knows it too."""
_LARGEST: Final = 4096
"""Bytes of it that are read: more is nothing that liferaft wrote."""


class BucketLabels:
    """Labels of the buckets of one account, as `Owner` makes them."""

    def __init__(self, plane: ControlPlane, client: "Callable[[], S3Client]") -> None:
        self._plane = plane
        self._client = client
        self._has_tags = True
        """As far as the store has not said otherwise."""

    def read(self, bucket: str) -> Mapping[str, str]:
        """Empty where there are none, or no bucket."""
        if not self._has_tags:
            return self._of_object(bucket)
        try:
            answer = self._plane.look_up(
                f"reading tags of bucket {bucket}",
                lambda: self._client().get_bucket_tagging(Bucket=bucket),
            )
        except CloudFailure as failure:
            if failure.classification.verdict is not Verdict.LACKING:
                raise
            self._has_tags = False
            return self._of_object(bucket)
        return {} if answer is None else {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def write(self, bucket: str, labels: Mapping[str, str]) -> None:
        """All of them, instead of those that were there, which were read."""
        doing = "tagging" if self._has_tags else f"writing {OWNER} into"
        put = self._put_tags if self._has_tags else self._put_object
        self._plane.ensure(f"{doing} bucket {bucket}", lambda: put(bucket, labels))

    def _put_tags(self, bucket: str, labels: Mapping[str, str]) -> None:
        tags: TaggingTypeDef = {
            "TagSet": [{"Key": key, "Value": value} for key, value in labels.items()]
        }
        self._client().put_bucket_tagging(Bucket=bucket, Tagging=tags)

    def _put_object(self, bucket: str, labels: Mapping[str, str]) -> None:
        body = json.dumps(labels, sort_keys=True).encode()
        digest = content_md5(body)  # which a bucket with a lock demands
        self._client().put_object(Bucket=bucket, Key=OWNER, Body=body, ContentMD5=digest)

    def _of_object(self, bucket: str) -> Mapping[str, str]:
        def body() -> bytes:
            answer = self._client().get_object(Bucket=bucket, Key=OWNER)
            with answer["Body"] as content:
                return content.read(_LARGEST)

        said = self._plane.look_up(f"reading {OWNER} of bucket {bucket}", body)
        return {} if said is None else _labels(said)


def _labels(said: bytes) -> Mapping[str, str]:
    """Nothing, where it is not what liferaft wrote."""
    try:
        found = json.loads(said)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}
