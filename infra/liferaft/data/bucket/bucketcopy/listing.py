"""What a bucket holds, page by page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus
from xml.etree import ElementTree as ET

from .store import Store, Unreached, texts_of

OWNER: Final = ".liferaft-owner"
"""Says whose the bucket is: liferaft's own, and none of the objects that it keeps."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One object."""

    key: str
    etag: str
    size: int
    modified: str
    """As the listing says it; two of one store compare as texts."""

    @property
    def identity(self) -> str:
        """Another text for any other content or metadata, but for changes within a second."""
        return f"{self.etag} {self.size} {self.modified.partition('.')[0].rstrip('Z')}"


def listed(store: Store, prefix: str = "", *, most: int = 1000) -> Iterator[Listed]:
    """All objects whose keys begin with `prefix`, `most` in one answer, but for OWNER. Raises
    StoreRefused and Unreached."""
    for page in _pages(store, prefix, most=most):
        yield from _objects(page)


def folders(store: Store, prefix: str) -> tuple[list[str], list[Listed]]:
    """What lies in a folder itself, whose name ends with a slash, however much lies below: prefixes
    of the folders in it, and objects. Raises StoreRefused and Unreached."""
    below: list[str] = []
    objects: list[Listed] = []
    for page in _pages(store, prefix, most=1000, delimiter="/"):
        encoded = _text(page, "EncodingType") == "url"
        names = (_text(row, "Prefix") for row in _children(page, "CommonPrefixes"))
        below += [unquote_plus(name) if encoded else name for name in names]
        objects += _objects(page)
    return below, objects


def _pages(store: Store, prefix: str, *, most: int, delimiter: str = "") -> Iterator[ET.Element]:
    token: str | None = None
    while True:
        query = [("list-type", "2"), ("encoding-type", "url"), ("max-keys", str(most))]
        if prefix:
            query.append(("prefix", prefix))
        if delimiter:
            query.append(("delimiter", delimiter))
        if token is not None:
            query.append(("continuation-token", token))
        _, body = store.ask("GET", query=query)
        root = _parsed(store.name, body)
        yield root
        if _text(root, "IsTruncated") != "true":
            return
        before, token = token, _text(root, "NextContinuationToken")
        if not token or token == before:
            raise Unreached(store.name, "a listing that does not go on")


def _objects(page: ET.Element) -> Iterator[Listed]:
    encoded = _text(page, "EncodingType") == "url"
    for row in _children(page, "Contents"):
        one = _listed(row, encoded)
        if one.key != OWNER:
            yield one


def _parsed(at: str, body: bytes) -> ET.Element:
    try:
        root = ET.fromstring(body)  # noqa: S314  # of a store that we keep our data in
    except ET.ParseError as error:
        raise Unreached(at, f"a listing that cannot be read: {error}") from error
    if root.tag.rpartition("}")[2] != "ListBucketResult":  # a page about something else
        raise Unreached(at, f"a listing that is none, but {root.tag}")
    return root


def _listed(row: ET.Element, encoded: bool) -> Listed:
    said = texts_of(row)
    return Listed(
        key=key_in(said, encoded=encoded),
        etag=said.get("ETag", "").strip('"'),
        size=int(said.get("Size") or 0),
        modified=said.get("LastModified", ""),
    )


def key_in(said: Mapping[str, str], *, encoded: bool) -> str:
    """The key that a row of a listing says."""
    key = said.get("Key", "")
    return unquote_plus(key, errors="surrogateescape") if encoded else key


def _children(parent: ET.Element, name: str) -> Iterator[ET.Element]:
    return (child for child in parent if child.tag.rpartition("}")[2] == name)


def _text(parent: ET.Element, name: str) -> str:
    return next((child.text or "" for child in _children(parent, name)), "")
