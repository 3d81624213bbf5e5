"""https://cloud.google.com/storage/docs/json_api/v1/objects"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import google_crc32c

from liferaft.sandbox.gcp.buckets import changed_meanwhile, refuse_changed, timestamp
from liferaft.sandbox.gcp.errors import ApiError, required
from liferaft.sandbox.gcp.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from liferaft.sandbox.gcp.object_store import ObjectStore, Stored
    from liferaft.sandbox.gcp.state import Resource

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_CRC32C = "goog-crc32c"
_MOST = 1000


class Objects:
    """Objects of buckets that are there. A generation is the second of the last write."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def get(self, bucket: str, name: str, query: Mapping[str, Any], base: str) -> Resource:
        return _show(bucket, self._found(bucket, name, query), base)

    def download(
        self, bucket: str, name: str, query: Mapping[str, Any], wanted_range: str
    ) -> Reply:
        """The content, or the part of it that a Range header names."""
        stored = self._found(bucket, name, query)
        content = self._store.read(bucket, name)
        hashes = [f"crc32c={crc32c(content)}", *([f"md5={_md5(stored)}"] if stored.md5 else [])]
        headers = {
            "Content-Type": stored.content_type or "application/octet-stream",
            "X-Goog-Generation": str(_generation(stored)),
            "X-Goog-Metageneration": "1",
            "X-Goog-Hash": ",".join(hashes),
            "Accept-Ranges": "bytes",
            "ETag": _etag(stored),
        }
        match = _RANGE.fullmatch(wanted_range)
        if match is None or match.groups() == ("", ""):
            return Reply(200, content, headers)
        size = len(content)
        first = int(match[1]) if match[1] else max(0, size - int(match[2]))
        last = min(int(match[2]), size - 1) if match[1] and match[2] else size - 1
        if first > last:
            said = "The requested range cannot be satisfied."
            raise ApiError(416, "requestedRangeNotSatisfiable", said)
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return Reply(206, content[first : last + 1], headers)

    def insert(
        self,
        bucket: str,
        said: Resource,
        content: bytes,
        query: Mapping[str, Any],
        base: str,
    ) -> Resource:
        name = query.get("name") or said.get("name")
        if not name:
            raise required("name")
        checksum = crc32c(content)
        if said.get("crc32c", checksum) != checksum:
            said_so = f'Provided CRC32C "{said["crc32c"]}" doesn\'t match calculated CRC32C'
            raise ApiError(400, "invalid", f'{said_so} "{checksum}".')
        old = self._store.head(bucket, name)
        refuse_changed(query, "ifGeneration", _generation(old) if old else 0)
        written = self._store.write(
            bucket,
            name,
            content,
            content_type=said.get("contentType", "application/octet-stream"),
            metadata={**said.get("metadata", {}), _CRC32C: checksum},
            only_new=query.get("ifGenerationMatch") == "0",
        )
        stored = self._store.head(bucket, name)
        if not written or stored is None:
            raise changed_meanwhile()
        return _show(bucket, stored, base)

    def delete(self, bucket: str, name: str, query: Mapping[str, Any]) -> None:
        self._found(bucket, name, query)
        self._store.delete(bucket, name)

    def listed(self, bucket: str, query: Mapping[str, Any], base: str) -> Resource:
        """`versions` makes no difference: the store keeps only the last one."""
        size = min(query.get("maxResults") or _MOST, _MOST)
        delimiter, prefix = query.get("delimiter", ""), query.get("prefix", "")
        items: list[Resource] = []
        prefixes: list[str] = []
        last = _named_by(query.get("pageToken"))
        for stored in self._all(bucket, prefix, last):
            if query.get("endOffset") and stored.name >= query["endOffset"]:
                break
            if stored.name < query.get("startOffset", ""):
                continue
            head, cut, _ = stored.name.removeprefix(prefix).partition(delimiter or "\0")
            folder = prefix + head + cut if delimiter and cut else None
            if folder is not None and (folder in prefixes or last.startswith(folder)):
                continue
            if len(items) + len(prefixes) == size:
                following = base64.urlsafe_b64encode(last.encode()).decode()
                return _listing(items, prefixes, following)
            last = stored.name
            if folder is None:
                items.append(_show(bucket, stored, base))
            else:
                prefixes.append(folder)
        return _listing(items, prefixes, None)

    def _all(self, bucket: str, prefix: str, last: str) -> Iterator[Stored]:
        while found := self._store.after(bucket, prefix, last):
            yield from found
            last = found[-1].name

    def _found(self, bucket: str, name: str, query: Mapping[str, Any]) -> Stored:
        stored = self._store.head(bucket, name)
        wanted = query.get("generation")
        if stored is None or (wanted is not None and int(wanted) != _generation(stored)):
            raise ApiError(404, "notFound", f"No such object: {bucket}/{name}")
        refuse_changed(query, "ifGeneration", _generation(stored))
        refuse_changed(query, "ifMetageneration", 1)
        return stored


def crc32c(content: bytes) -> str:
    """As Google writes it: big-endian, in base64."""
    return base64.b64encode(google_crc32c.value(content).to_bytes(4)).decode()


def _listing(items: list[Resource], prefixes: list[str], following: str | None) -> Resource:
    answer: Resource = {"kind": "storage#objects"}
    if following:
        answer["nextPageToken"] = following
    if prefixes:
        answer["prefixes"] = prefixes
    if items:
        answer["items"] = items
    return answer


def _named_by(token: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(token or "").decode()
    except ValueError as error:
        raise ApiError(400, "invalid", "Invalid argument: pageToken.") from error


def _show(bucket: str, stored: Stored, base: str) -> Resource:
    generation, name = _generation(stored), quote(stored.name, safe="")
    metadata = {key: value for key, value in stored.metadata.items() if key != _CRC32C}
    written = timestamp(stored.modified)
    shown: Resource = {
        "kind": "storage#object",
        "id": f"{bucket}/{stored.name}/{generation}",
        "selfLink": f"{base}/storage/v1/b/{bucket}/o/{name}",
        "mediaLink": (
            f"{base}/download/storage/v1/b/{bucket}/o/{name}?generation={generation}&alt=media"
        ),
        "name": stored.name,
        "bucket": bucket,
        "generation": str(generation),
        "metageneration": "1",
        "storageClass": "STANDARD",
        "size": str(stored.size),
        "etag": _etag(stored),
        "timeCreated": written,
        "updated": written,
        "timeStorageClassUpdated": written,
    }
    if stored.md5:
        shown["md5Hash"] = _md5(stored)
    if _CRC32C in stored.metadata:
        shown["crc32c"] = stored.metadata[_CRC32C]
    if stored.content_type:
        shown["contentType"] = stored.content_type
    return {**shown, "metadata": metadata} if metadata else shown


def _generation(stored: Stored) -> int:
    return int(stored.modified.timestamp()) * 1_000_000


def _md5(stored: Stored) -> str:
    return base64.b64encode(bytes.fromhex(stored.md5)).decode()


def _etag(stored: Stored) -> str:
    said = f"{_generation(stored)}/{stored.md5}"
    return base64.b64encode(said.encode()).decode()
