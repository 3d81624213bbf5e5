"""An object's bytes into a store, however many there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Final
from xml.etree import ElementTree as ET

from .store import Store, StoreRefused, Unreached, insist, refusal_of

SMALL: Final = 2 << 20
"""Bytes that are held in memory, for each thread."""
ONE_PUT: Final = 5 << 30
"""S3 takes no more in one request."""
PART: Final = 64 << 20
_MOST_PARTS: Final = 9_000
PIECE: Final = 1 << 20
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
    """`headers` may hold a condition. Asked once: the pieces can be read only once."""
    if size <= SMALL:
        store.ask("PUT", key, headers=headers, body=b"".join(pieces))
    elif size <= ONE_PUT:
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
    length = max(PART, -(-size // _MOST_PARTS))
    rest, rows = _Rest(pieces), ""
    for number, start in enumerate(range(0, size, length), start=1):
        here = min(length, size - start)
        query = [("partNumber", str(number)), ("uploadId", upload)]
        with store.open("PUT", key, query=query, body=rest.next(here), size=here) as answer:
            answer.read()
            etag = answer.headers["etag"].replace('"', "&quot;")
        rows += f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
    return rows


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
