"""An object's bytes into a store, however many there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Final
from xml.etree import ElementTree as ET

from .store import Store, StoreRefused, Unreached, insist, refusal_of

SMALL: Final = 2 << 20
"""Bytes that are held in memory, for each thread."""
ONE_PUT: Final = 5 << 30
"""S3 takes no more in one request."""
PART: Final = 64 << 20
HELD: Final = 8 << 20
"""Bytes of a part where the store demands a checksum of each, before it comes: it is held whole."""
_MOST_HELD: Final = BoundedSemaphore(4)
"""Parts that are held at one time."""
_MOST_PARTS: Final = 9_000
PIECE: Final = 1 << 20
Query = Sequence[tuple[str, str]]
Note = Callable[[str, str], object]
"""Called with the key and the name of an upload in parts as soon as it is begun."""


def put(
    store: Store,
    key: str,
    pieces: Iterable[bytes],
    size: int,
    headers: Mapping[str, str],
    *,
    note: Note = lambda *_: None,
) -> None:
    """`headers` may hold a condition. Asked once: the pieces can be read only once. A refusal that
    demands a checksum passes: asked again, all of it goes in parts that have one."""
    if size <= SMALL:
        store.ask("PUT", key, headers=headers, body=b"".join(pieces))
    elif size <= ONE_PUT and not store.wants_checksums:
        with store.open("PUT", key, headers=headers, body=pieces, size=size) as answer:
            answer.read()
    else:
        put_in_parts(store, key, pieces, size, headers, note=note)


def put_in_parts(
    store: Store,
    key: str,
    pieces: Iterable[bytes],
    size: int,
    headers: Mapping[str, str],
    *,
    note: Note,
) -> None:
    """The condition belongs to the last request, which makes the object."""
    condition = store.dialect.create_only[0]
    first = {name: text for name, text in headers.items() if name != condition}
    last = {name: text for name, text in headers.items() if name == condition}
    upload = _begin(store, key, first)
    try:
        note(key, upload)
        rows = _parts(store, key, upload, pieces, size)
        whole = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
        insist(lambda: _end(store, key, upload, last, whole))
    except BaseException:
        with suppress(StoreRefused, Unreached):
            store.ask("DELETE", key, query=[("uploadId", upload)])
        raise


def _begin(store: Store, key: str, headers: Mapping[str, str]) -> str:
    """The upload's name."""
    _, body = store.ask("POST", key, query=[("uploads", "")], headers=headers)
    with suppress(ET.ParseError):
        for one in ET.fromstring(body):  # noqa: S314  # of a store that we keep our data in
            if one.tag.endswith("UploadId") and one.text:
                return one.text
    raise Unreached(store.name, "it does not say how the upload is called")


def _end(store: Store, key: str, upload: str, headers: Mapping[str, str], whole: bytes) -> None:
    """A refusal may come with status 200:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""
    query = [("uploadId", upload)]
    with store.open("POST", key, query=query, headers=headers, body=whole) as answer:
        said = answer.read()
    refusal = refusal_of(store.name, key, HTTPStatus.OK, said)
    if refusal.code:
        known = {"PreconditionFailed": HTTPStatus.PRECONDITION_FAILED}
        status = known.get(refusal.code, HTTPStatus.SERVICE_UNAVAILABLE)
        raise StoreRefused(store.name, key, status, refusal.code, "the parts were not put together")


def _parts(store: Store, key: str, upload: str, pieces: Iterable[bytes], size: int) -> str:
    length = max(HELD if store.wants_checksums else PART, -(-size // _MOST_PARTS))
    rest, rows = _Rest(pieces), ""
    for number, start in enumerate(range(0, size, length), start=1):
        here = min(length, size - start)
        query = [("partNumber", str(number)), ("uploadId", upload)]
        put_part = _put_held if store.wants_checksums else _put_streamed
        etag = put_part(store, key, query, rest.next(here), here).replace('"', "&quot;")
        rows += f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
    return rows


def _put_held(store: Store, key: str, query: Query, pieces: Iterable[bytes], size: int) -> str:
    with _MOST_HELD:
        body = b"".join(pieces)
        assert len(body) == size
        headers, _ = store.ask("PUT", key, query=query, body=body)
    return headers["etag"]


def _put_streamed(store: Store, key: str, query: Query, pieces: Iterable[bytes], size: int) -> str:
    with store.open("PUT", key, query=query, body=pieces, size=size) as answer:
        answer.read()
        return answer.headers["etag"]


class _Rest:
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._held = iter(pieces), b""

    def next(self, length: int) -> Iterator[bytes]:
        """Exactly so many bytes more."""
        while length:
            piece = self._held or next(self._pieces)
            self._held, piece = piece[length:], piece[:length]
            length -= len(piece)
            yield piece
