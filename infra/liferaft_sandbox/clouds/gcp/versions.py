"""What Google knows of an object beside its content: generation, metageneration, its own fields.

Kept here, for the store's clock counts seconds and its listings tell names and sizes only. Of an
object that was written through the S3 dialect, the second of its last write is the generation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import sandbox_lacks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.object_store import Stored
    from liferaft_sandbox.clouds.gcp.state import Resource

CRC32C = "goog-crc32c"
"""Under which the checksum stands in the store's metadata."""
_SETTABLE = (
    "cacheControl",
    "contentDisposition",
    "contentEncoding",
    "contentLanguage",
    "contentType",
    "customTime",
    "metadata",
    "storageClass",
)
_LACKING = ("acl", "contexts", "eventBasedHold", "kmsKeyName", "retention", "temporaryHold")


@dataclass(frozen=True)
class Version:
    """`own` are the fields, in Google's names, that were said or that the content determines."""

    generation: int
    metageneration: int = 1
    own: Mapping[str, Any] = field(default_factory=dict)


class Versions:
    """Of the objects that are there now, by bucket and name."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[tuple[int, str], Version]] = {}
        self._last = 0

    def next(self) -> int:
        """A new generation: microseconds since 1970, as Google's are, and never one twice."""
        self._last = max(self._last + 1, time.time_ns() // 1000)
        return self._last

    def of(self, bucket: str, stored: Stored) -> Version:
        mark, version = self._kept.get((bucket, stored.name), (None, None))
        if version is not None and mark == _mark(stored):
            return version
        own: Resource = {}
        if stored.content_type:
            own["contentType"] = stored.content_type
        if CRC32C in stored.metadata:
            own["crc32c"] = stored.metadata[CRC32C]
        metadata = {key: value for key, value in stored.metadata.items() if key != CRC32C}
        if metadata:
            own["metadata"] = metadata
        return Version(int(stored.modified.timestamp()) * 1_000_000, own=own)

    def keep(self, bucket: str, stored: Stored, version: Version) -> None:
        self._kept[bucket, stored.name] = _mark(stored), version

    def forget(self, bucket: str, name: str) -> None:
        self._kept.pop((bucket, name), None)


def settable(said: Mapping[str, Any]) -> Resource:
    """What a client may say of an object; raises ApiError for what the sandbox cannot keep."""
    for name in _LACKING:
        if said.get(name):
            raise sandbox_lacks(f"{name} of objects")
    return {name: said[name] for name in _SETTABLE if said.get(name)}


def _mark(stored: Stored) -> tuple[int, str]:
    """What tells that nobody else has written it since."""
    return int(stored.modified.timestamp()), stored.md5
