"""What holds the objects: the sandbox's S3 store, so that Google's two dialects show one store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from liferaft_sandbox.failures import SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liferaft_sandbox.clouds.gcp.seed import Objects

TIMEOUT = 20  # seconds
_PAGE = 1000
_ABSENT = frozenset({"404", "NoSuchKey", "NoSuchBucket"})


@dataclass(frozen=True)
class Stored:
    """An object without its content. A listing knows neither `content_type` nor `metadata`."""

    name: str
    size: int
    modified: datetime
    md5: str
    """Hexadecimal; empty for what was written in parts."""
    content_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class ObjectStore(Protocol):
    """Buckets and objects. Asking for an object of a bucket that is not there finds nothing."""

    def buckets(self) -> Sequence[str]:
        """The names of all."""

    def make_bucket(self, bucket: str) -> None: ...

    def delete_bucket(self, bucket: str) -> None:
        """Of an empty one."""

    def after(self, bucket: str, prefix: str, last: str) -> Sequence[Stored]:
        """By name, those of the prefix that come after `last`; some of them, or none at the end."""

    def head(self, bucket: str, name: str) -> Stored | None: ...

    def read(self, bucket: str, name: str) -> bytes: ...

    def write(
        self,
        bucket: str,
        name: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        only_new: bool,
    ) -> bool:
        """False when it should be new and is there already."""

    def delete(self, bucket: str, name: str) -> None: ...


class MemoryObjects:
    """For tests, and for a control plane whose seed names no store."""

    def __init__(self) -> None:
        self._buckets: dict[str, dict[str, tuple[Stored, bytes]]] = {}

    def buckets(self) -> Sequence[str]:
        return list(self._buckets)

    def make_bucket(self, bucket: str) -> None:
        self._buckets[bucket] = {}

    def delete_bucket(self, bucket: str) -> None:
        del self._buckets[bucket]

    def after(self, bucket: str, prefix: str, last: str) -> Sequence[Stored]:
        held = self._buckets.get(bucket, {})
        names = sorted(name for name in held if name.startswith(prefix) and name > last)
        return [held[name][0] for name in names[:_PAGE]]

    def head(self, bucket: str, name: str) -> Stored | None:
        found = self._buckets.get(bucket, {}).get(name)
        return found[0] if found else None

    def read(self, bucket: str, name: str) -> bytes:
        return self._buckets[bucket][name][1]

    def write(
        self,
        bucket: str,
        name: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        only_new: bool,
    ) -> bool:
        if only_new and name in self._buckets[bucket]:
            return False
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        stored = Stored(name, len(content), datetime.now(UTC), md5, content_type, metadata)
        self._buckets[bucket][name] = stored, content
        return True

    def delete(self, bucket: str, name: str) -> None:
        self._buckets.get(bucket, {}).pop(name, None)


class S3Objects:
    """An S3 endpoint. Raises SandboxFailed when it does not answer or refuses."""

    def __init__(self, objects: Objects) -> None:
        import boto3
        from botocore.config import Config

        self._client: Any = boto3.client(
            "s3",
            endpoint_url=objects.endpoint,
            region_name="us-east-1",
            aws_access_key_id=objects.access_key_id,
            aws_secret_access_key=objects.secret_access_key,
            verify=objects.ca_file or None,
            config=Config(
                connect_timeout=TIMEOUT,
                read_timeout=TIMEOUT,
                retries={"total_max_attempts": 2},
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
            ),
        )

    def buckets(self) -> Sequence[str]:
        return [bucket["Name"] for bucket in self._ask("list_buckets").get("Buckets", [])]

    def make_bucket(self, bucket: str) -> None:
        self._ask("create_bucket", Bucket=bucket)

    def delete_bucket(self, bucket: str) -> None:
        self._ask("delete_bucket", Bucket=bucket)

    def after(self, bucket: str, prefix: str, last: str) -> Sequence[Stored]:
        answer = self._ask(
            "list_objects_v2", Bucket=bucket, Prefix=prefix, StartAfter=last, MaxKeys=_PAGE
        )
        return [
            Stored(entry["Key"], entry["Size"], entry["LastModified"], _md5(entry["ETag"]))
            for entry in answer.get("Contents", [])
        ]

    def head(self, bucket: str, name: str) -> Stored | None:
        answer = self._ask("head_object", _ABSENT, Bucket=bucket, Key=name)
        if not answer:
            return None
        return Stored(
            name,
            answer["ContentLength"],
            answer["LastModified"],
            _md5(answer["ETag"]),
            answer.get("ContentType", ""),
            answer.get("Metadata", {}),
        )

    def read(self, bucket: str, name: str) -> bytes:
        content: bytes = self._ask("get_object", Bucket=bucket, Key=name)["Body"].read()
        return content

    def write(
        self,
        bucket: str,
        name: str,
        content: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        only_new: bool,
    ) -> bool:
        condition = {"IfNoneMatch": "*"} if only_new else {}
        written = self._ask(
            "put_object",
            frozenset({"PreconditionFailed"}),
            Bucket=bucket,
            Key=name,
            Body=content,
            ContentType=content_type,
            Metadata=dict(metadata),
            **condition,
        )
        return bool(written)

    def delete(self, bucket: str, name: str) -> None:
        self._ask("delete_object", Bucket=bucket, Key=name)

    def _ask(self, call: str, no: frozenset[str] = frozenset(), **arguments: object) -> Any:
        """The answer; an empty one for an error code among `no`. Raises SandboxFailed."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, call)(**arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in no:
                return {}
            raise SandboxFailed(f"The object store refused {call}: {error}") from error
        except BotoCoreError as error:
            raise SandboxFailed(f"The object store did not answer {call}: {error}") from error


def _md5(etag: str) -> str:
    """An ETag with a dash is not the MD5 of the content."""
    bare = etag.strip('"')
    return "" if "-" in bare else bare
