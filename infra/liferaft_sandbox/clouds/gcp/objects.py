"""https://cloud.google.com/storage/docs/json_api/v1/objects"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import google_crc32c

from liferaft_sandbox.clouds.gcp.buckets import changed_meanwhile, merged, refuse_changed, timestamp
from liferaft_sandbox.clouds.gcp.errors import ApiError, required
from liferaft_sandbox.clouds.gcp.reply import Reply
from liferaft_sandbox.clouds.gcp.versions import CRC32C, Version, Versions, settable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from liferaft_sandbox.clouds.gcp.object_store import ObjectStore, Stored
    from liferaft_sandbox.clouds.gcp.state import Resource

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_HEADERS = {
    "cacheControl": "Cache-Control",
    "contentDisposition": "Content-Disposition",
    "contentEncoding": "Content-Encoding",
    "contentLanguage": "Content-Language",
}
_MOST = 1000


class Objects:
    """Objects of buckets that are there."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._versions = Versions()

    def get(self, bucket: str, name: str, query: Mapping[str, Any], base: str) -> Resource:
        return self._show(bucket, self._found(bucket, name, query, reading=True), base)

    def download(
        self, bucket: str, name: str, query: Mapping[str, Any], wanted_range: str
    ) -> Reply:
        """The content, or the part of it that a Range header names."""
        stored = self._found(bucket, name, query, reading=True)
        version = self._versions.of(bucket, stored)
        content = self._store.read(bucket, name)
        hashes = [f"crc32c={crc32c(content)}", *([f"md5={_md5(stored)}"] if stored.md5 else [])]
        headers = {
            "Content-Type": version.own.get("contentType", "application/octet-stream"),
            "X-Goog-Generation": str(version.generation),
            "X-Goog-Metageneration": str(version.metageneration),
            "X-Goog-Hash": ",".join(hashes),
            "Accept-Ranges": "bytes",
            "ETag": _etag(version),
            **{_HEADERS[field]: version.own[field] for field in _HEADERS if field in version.own},
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

    def content(
        self, bucket: str, name: str, query: Mapping[str, Any]
    ) -> tuple[bytes, Mapping[str, Any]]:
        """For whoever makes another object of it, with its own fields."""
        stored = self._found(bucket, name, query)
        return self._store.read(bucket, name), self._versions.of(bucket, stored).own

    def insert(
        self,
        bucket: str,
        said: Resource,
        content: bytes,
        query: Mapping[str, Any],
        base: str,
        *,
        components: int = 0,
    ) -> Resource:
        """`components` of a composite one, which has no MD5."""
        name = query.get("name") or said.get("name")
        if not name:
            raise required("name")
        checksum = crc32c(content)
        if said.get("crc32c", checksum) != checksum:
            said_so = f'Provided CRC32C "{said["crc32c"]}" doesn\'t match calculated CRC32C'
            raise ApiError(400, "invalid", f'{said_so} "{checksum}".')
        md5 = hashlib.md5(content, usedforsecurity=False).digest()
        if said.get("md5Hash", wanted := base64.b64encode(md5).decode()) != wanted:
            said_so = f'Provided MD5 hash "{said["md5Hash"]}" doesn\'t match calculated MD5 hash'
            raise ApiError(400, "invalid", f'{said_so} "{wanted}".')
        old = self._store.head(bucket, name)
        version = self._versions.of(bucket, old) if old else Version(0, 0)
        refuse_changed(query, "ifGeneration", version.generation)
        refuse_changed(query, "ifMetageneration", version.metageneration)
        own = {"contentType": "application/octet-stream", **settable(said), "crc32c": checksum}
        if "contentEncoding" in query:
            own["contentEncoding"] = query["contentEncoding"]
        if components:
            own["componentCount"] = components
        new = Version(self._versions.next(), own=own)
        only_new = query.get("ifGenerationMatch") == "0"
        return self._write(bucket, name, content, new, base, only_new=only_new)

    def change(
        self,
        bucket: str,
        name: str,
        said: Resource,
        query: Mapping[str, Any],
        base: str,
        *,
        whole: bool,
    ) -> Resource:
        """Its own fields: all of them anew, or those said, where nulls take away.

        The content and its generation stay.
        """
        stored = self._found(bucket, name, query)
        old = self._versions.of(bucket, stored)
        own = settable(said if whole else merged(dict(old.own), said))
        own |= {field: old.own[field] for field in ("crc32c", "componentCount") if field in old.own}
        new = Version(old.generation, old.metageneration + 1, own)
        return self._write(bucket, name, self._store.read(bucket, name), new, base)

    def _write(
        self,
        bucket: str,
        name: str,
        content: bytes,
        version: Version,
        base: str,
        *,
        only_new: bool = False,
    ) -> Resource:
        written = self._store.write(
            bucket,
            name,
            content,
            content_type=version.own.get("contentType", "application/octet-stream"),
            metadata={**version.own.get("metadata", {}), CRC32C: crc32c(content)},
            only_new=only_new,
        )
        stored = self._store.head(bucket, name)
        if not written or stored is None:
            raise changed_meanwhile()
        self._versions.keep(bucket, stored, version)
        return self._show(bucket, stored, base)

    def delete(self, bucket: str, name: str, query: Mapping[str, Any]) -> None:
        self._found(bucket, name, query)
        self._store.delete(bucket, name)
        self._versions.forget(bucket, name)

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
                items.append(self._show(bucket, stored, base))
            else:
                prefixes.append(folder)
        return _listing(items, prefixes, None)

    def _all(self, bucket: str, prefix: str, last: str) -> Iterator[Stored]:
        while found := self._store.after(bucket, prefix, last):
            yield from found
            last = found[-1].name

    def _found(
        self, bucket: str, name: str, query: Mapping[str, Any], *, reading: bool = False
    ) -> Stored:
        stored = self._store.head(bucket, name)
        wanted = query.get("generation")
        version = self._versions.of(bucket, stored) if stored else Version(0)
        if stored is None or (wanted is not None and int(wanted) != version.generation):
            raise ApiError(404, "notFound", f"No such object: {bucket}/{name}")
        refuse_changed(query, "ifGeneration", version.generation, reading=reading)
        refuse_changed(query, "ifMetageneration", version.metageneration, reading=reading)
        return stored

    def _show(self, bucket: str, stored: Stored, base: str) -> Resource:
        version, name = self._versions.of(bucket, stored), quote(stored.name, safe="")
        generation, written = version.generation, timestamp(stored.modified)
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
            "metageneration": str(version.metageneration),
            "storageClass": "STANDARD",
            "size": str(stored.size),
            "etag": _etag(version),
            "timeCreated": written,
            "updated": written,
            "timeStorageClassUpdated": written,
            **version.own,
        }
        if stored.md5 and "componentCount" not in shown:
            shown["md5Hash"] = _md5(stored)
        return shown


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


def _md5(stored: Stored) -> str:
    return base64.b64encode(bytes.fromhex(stored.md5)).decode()


def _etag(version: Version) -> str:
    said = f"{version.generation}/{version.metageneration}"
    return base64.b64encode(said.encode()).decode()
