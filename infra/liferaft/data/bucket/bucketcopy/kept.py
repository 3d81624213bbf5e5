"""What of an object is kept beside its bytes, and what of it cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self
from xml.etree import ElementTree as ET

from .listing import Listed
from .sealing import written
from .store import Store, StoreRefused

_HEADERS = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
)


@dataclass(frozen=True)
class Kept:
    """One object's own header in the vault."""

    key: str
    size: int
    modified: str
    """The time of the version as the site's listing said it. The later one of two versions
    counts."""
    identity: str
    """What its name in the vault was made of, beside the key."""
    headers: Mapping[str, str]
    meta: Mapping[str, str]
    lacks: Sequence[str] = ()
    """What could not be kept of it."""

    def to_bytes(self) -> bytes:
        return written({**vars(self), "lacks": list(self.lacks)})

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        return cls(**value)

    def put_headers(self, prefix: str) -> dict[str, str]:
        """Headers of the request that makes the object again."""
        return {**self.headers, **{f"{prefix}{name}": text for name, text in self.meta.items()}}

    def differing(self, there: Mapping[str, str], prefix: str) -> list[str]:
        """Names of the headers in which the site's answer is another."""
        wanted = {"content-length": str(self.size), **self.put_headers(prefix)}
        return [name for name, text in sorted(wanted.items()) if there.get(name) != text]


def kept_of(
    one: Listed, size: int, headers: Mapping[str, str], store: Store, lacks: Sequence[str]
) -> Kept:
    """What is kept of an object, read from the headers of the answer that carries it."""
    own, meta = store.dialect.prefix, store.dialect.meta
    found = list(lacks)
    if int(headers.get(f"{own}tagging-count", 0)):
        found.append("its tags")
    if int(headers.get(f"{own}missing-meta", 0)):
        found.append("metadata that the store does not tell")
    if headers.get(f"{own}website-redirect-location"):
        found.append("its redirect")
    return Kept(
        key=one.key,
        size=size,
        modified=one.modified,
        identity=one.identity,
        headers={name: headers[name] for name in _HEADERS if name in headers},
        meta={
            name.removeprefix(meta): text for name, text in headers.items() if name.startswith(meta)
        },
        lacks=tuple(found),
    )


class AccessLists:
    """Which objects let others in than the bucket's owner. A restored one lets nobody else in."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._used = store.dialect.prefix == "x-amz-" and not self._are_switched_off()
        self.unreadable = False
        """Who else is let in could not be asked."""

    def lets_others_in(self, key: str) -> bool:
        """Asks once for each object, where the bucket has such lists at all. Raises Unreached, and
        StoreRefused where it may be told a little later."""
        if not self._used:
            return False
        try:
            _, body = self._store.ask("GET", key, query=[("acl", "")])
        except StoreRefused as refusal:
            if refusal.passes:
                raise
            if refusal.status != HTTPStatus.NOT_FOUND:  # else the object is gone
                self._used = False
                self.unreadable = refusal.status in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED)
            return False
        return len(_grants(body)) > 1

    def _are_switched_off(self) -> bool:
        """https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html"""
        try:
            _, body = self._store.ask("GET", query=[("ownershipControls", "")])
        except StoreRefused:
            return False
        return b"BucketOwnerEnforced" in body


def _grants(body: bytes) -> Sequence[ET.Element]:
    try:
        root = ET.fromstring(body)  # noqa: S314  # of a store that we keep our data in
    except ET.ParseError:
        return ()  # no store that knows such lists
    return [one for one in root.iter() if one.tag.rpartition("}")[2] == "Grant"]
