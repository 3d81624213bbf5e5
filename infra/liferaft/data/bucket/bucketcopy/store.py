"""One bucket at one store: requests that are signed, bounded in time, and tried again."""

import base64
import hashlib
import random
import re
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from .dialect import UNSIGNED, Asked, StoreKeys, signed, spoken_at
from .exchange import Broken, Line, Reply

ATTEMPTS: Final = 4
_FIRST_REFUSAL: Final = 300
_PAUSE: Final = 0.2
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_ABOUT_ONE: Final = frozenset({400, 411, 413, 414, 431})
_PASSING_CODES: Final = frozenset(
    {"RequestTimeout", "ConditionalRequestConflict", "OperationAborted"}
)
_DEMAND: Final = re.compile(r"content-?md5", re.IGNORECASE)
"""https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, at Content-MD5"""

T = TypeVar("T")


class Unreached(Exception):
    """The store `at` gave no whole answer: whether it did what was asked is not known."""

    def __init__(self, at: str, why: str) -> None:
        super().__init__(f"no whole answer from the {at}: {why}")
        self.at = at


class StoreRefused(Exception):
    """The store `at` answered about `key`, and it was no."""

    def __init__(self, at: str, key: str, status: int, code: str, message: str) -> None:
        super().__init__(f"the {at} answered {status} {code}: {message}".rstrip(": "))
        self.at, self.key, self.status, self.code = at, key, status, code
        self.demands_checksum = bool(_DEMAND.search(f"{code} {message}"))
        """As S3 does where a bucket locks what comes into it."""

    @property
    def shuts_out(self) -> bool:
        """It is about who asks."""
        forbidden = self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        return forbidden and not self.is_archived

    @property
    def is_archived(self) -> bool:
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html: it is about this
        object, though the status says otherwise."""
        return self.code == "InvalidObjectState"

    @property
    def is_about_one(self) -> bool:
        """About this object alone: how it is named, how large it is, what it carries."""
        return self.status in _ABOUT_ONE and not self.is_full

    @property
    def is_full(self) -> bool:
        """There is no room for more, or no more is paid for. MinIO says so with 400 and 507:
        https://github.com/minio/minio/blob/master/cmd/api-errors.go"""
        said = "quota" in self.code.lower() or "StorageFull" in self.code
        return said or self.status == HTTPStatus.INSUFFICIENT_STORAGE

    @property
    def is_about_store(self) -> bool:
        """The next object would be refused as well, or this one taken a little later."""
        return self.passes or self.shuts_out or self.is_full

    @property
    def passes(self) -> bool:
        """The same question may be answered otherwise a little later: where a checksum lacked, it
        is sent then."""
        return self.status in _PASSING or self.code in _PASSING_CODES or self.demands_checksum


@dataclass(frozen=True)
class StoreAnswer:
    """What came with status 2xx. Header names in lower case; texts stand for bytes one by one."""

    at: str
    reply: Reply

    @property
    def headers(self) -> Mapping[str, str]:
        return self.reply.headers

    @property
    def size(self) -> int:
        """Bytes of the body."""
        told = self.headers.get("content-length", "")
        if not (told.isascii() and told.isdigit()):
            raise Unreached(self.at, "it does not say how long it is")
        return int(told)

    def read(self, length: int | None = None) -> bytes:
        """So many bytes at most; all without."""
        try:
            return self.reply.read(length)
        except (OSError, Broken) as error:
            raise _broken(self.at, error) from error

    def pieces(self, length: int) -> Iterator[bytes]:
        """The body; Unreached when it is shorter than the store said."""
        left = self.size
        while left:
            piece = self.read(min(length, left))
            if not piece:
                raise Unreached(self.at, "it broke off")
            left -= len(piece)
            yield piece


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """As pgBackRest and rclone trust beside this. Python asks more from 3.13 on, which Debian 13
    has: an authority of an operator's own with a form that is not the strictest would be refused.
    https://docs.python.org/3/library/ssl.html#ssl.create_default_context"""
    context = ssl.create_default_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


class Store:
    """Threads may share it: each question has a connection of its own, which then waits for the
    next one."""

    def __init__(
        self, name: str, url: str, bucket: str, keys: StoreKeys, ca_file: str | None
    ) -> None:
        self.name, self._bucket, self._keys = name, bucket, keys
        self.dialect = spoken_at(url)
        parts = urlsplit(url)
        self._host = parts.netloc
        self._tls = _trusting(ca_file) if parts.scheme == "https" else None
        self._idle: deque[Line] = deque()
        self.wants_checksums = False
        """It was seen to demand one of each body. What is held whole carries one anyway."""

    def ask(
        self,
        method: str,
        key: str = "",
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> tuple[Mapping[str, str], bytes]:
        """Headers and whole body of the answer, insisting. Raises StoreRefused and Unreached."""

        def once() -> tuple[Mapping[str, str], bytes]:
            with self.open(method, key, query=query, headers=headers, body=body) as answer:
                if method == "HEAD":
                    return answer.headers, b""
                return answer.headers, answer.read()

        return insist(once)

    def knock(self, seconds: float) -> None:
        """Asks once for one name, over a connection of its own. Raises Unreached where no answer
        comes within some `seconds`; whatever it answers is an answer."""
        line = Line(self._host, self._tls, seconds=seconds)
        query = (("list-type", "2"), ("encoding-type", "url"), ("max-keys", "1"))
        nothing = hashlib.sha256(b"").hexdigest()
        asked = Asked("GET", self._path(""), query, {"host": self._host}, nothing)
        try:
            self._send(line, asked, b"")
        finally:
            line.close()

    @contextmanager
    def open(
        self,
        method: str,
        key: str = "",
        *,
        query: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] = b"",
        size: int | None = None,
    ) -> Iterator[StoreAnswer]:
        """The answer, to be read inside. Asked once. `size`: bytes of a body that is made on the
        way. Raises StoreRefused and Unreached."""
        whole = body if isinstance(body, bytes) else None
        said = {"host": self._host, "accept-encoding": self.dialect.encodings, **(headers or {})}
        if method in ("PUT", "POST"):
            said["content-length"] = str(size if whole is None else len(whole))
        if method == "PUT" and whole is not None:
            digest = hashlib.md5(whole, usedforsecurity=False).digest()
            said["content-md5"] = base64.b64encode(digest).decode()
        payload = UNSIGNED if whole is None else hashlib.sha256(whole).hexdigest()
        asked = Asked(method, self._path(key), query, said, payload)
        line, answer = self._line(), None
        try:
            answer = self._send(line, asked, body)
            if answer.reply.status >= _FIRST_REFUSAL:
                refusal = _refusal(answer, key)
                self.wants_checksums = self.wants_checksums or refusal.demands_checksum
                raise refusal
            yield answer
        finally:
            if answer is not None and line.is_good_after(answer.reply):
                self._idle.append(line)
            else:
                line.close()

    def _line(self) -> Line:
        with suppress(IndexError):
            return self._idle.pop()
        return Line(self._host, self._tls)

    def _send(self, line: Line, asked: Asked, body: bytes | Iterable[bytes]) -> StoreAnswer:
        headers = signed(asked, self.dialect, self._keys, datetime.now(UTC))
        try:
            return StoreAnswer(self.name, line.ask(asked.method, asked.target, headers, body))
        except (OSError, Broken) as error:
            raise _broken(self.name, error) from error

    def _path(self, key: str) -> str:
        bucket = f"/{quote(self._bucket, safe='')}"
        return f"{bucket}/{quote(key, safe='/~', errors='surrogateescape')}" if key else bucket


def without_its_bytes(refusal: StoreRefused) -> StoreRefused:
    """The same, to be held for long: the frames of its traceback hold what was sent."""
    refusal.__context__ = None
    return refusal.with_traceback(None)


def insist(call: Callable[[], T]) -> T:
    """`call()`, again after what passes by itself; at most ATTEMPTS times."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except Unreached:
            if attempt == ATTEMPTS:
                raise
        except StoreRefused as refusal:
            if attempt == ATTEMPTS or not refusal.passes:
                raise
        time.sleep(_PAUSE * 2**attempt * random.uniform(0.5, 1))  # noqa: S311  # no secret
    raise AssertionError("ends with an answer or an error")


def _broken(at: str, error: Exception) -> Unreached:
    kind = "" if isinstance(error, Broken) else f"{type(error).__name__} "
    return Unreached(at, f"{kind}{error}".strip())


def _refusal(answer: StoreAnswer, key: str) -> StoreRefused:
    return refusal_of(answer.at, key, answer.reply.status, answer.read())


def refusal_of(at: str, key: str, status: int, body: bytes) -> StoreRefused:
    """What an error's body says; nothing where it is not S3's."""
    try:
        root = ET.fromstring(body)  # noqa: S314  # of a store that we keep our data in
    except ET.ParseError:
        return StoreRefused(at, key, status, "", "")
    texts = texts_of(root)
    return StoreRefused(at, key, status, texts.get("Code", ""), texts.get("Message", ""))


def texts_of(parent: ET.Element) -> dict[str, str]:
    """What an answer's element says, by its children's names without their namespace."""
    return {child.tag.rpartition("}")[2]: child.text or "" for child in parent}
