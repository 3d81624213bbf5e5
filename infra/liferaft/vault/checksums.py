"""The checksum that a store demands of what is written there, sent once it was seen to demand one.

A bucket that locks what comes into it takes nothing without Content-MD5 or a checksum of S3's later
kind; others refuse the later kind. No store that demands nothing is sent anything:
docs/decisions/064-checksums-on-demand.md
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, S3Config

_DEMAND: Final = re.compile(
    r"<(?:Code|Message|Details)>[^<]*(?:content-?md5|x-amz-checksum)", re.IGNORECASE
)
"""What a refusal says that is about this, be it that one lacks, or that it knows no such header."""


class Checksum(IntEnum):
    """In the order in which they are tried. The next one is tried where a store refuses this one,
    or the lack of another."""

    NONE = 0
    SHA256 = 1
    MD5 = 2
    """Everybody who demands one takes it. The library sends it as a header of all that a client
    sends, so each write has a client, and a connection, of its own."""


class ObjectWriter:
    """Puts objects into one store. Threads may share it."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store
        self._checksum = Checksum.NONE

    def put(self, key: str, body: bytes) -> None:
        """Whatever was there. Raises obstore's errors, as all of them do."""
        while True:
            tried = self._checksum
            with self._asked_for_another(tried):
                obstore.put(self._opened(tried, body), key, body, use_multipart=_in_parts(tried))
                return

    def create(self, key: str, body: bytes) -> None:
        """In one request: the condition is its own."""
        while True:
            tried = self._checksum
            with self._asked_for_another(tried):
                store = self._opened(tried, body)
                obstore.put(store, key, body, mode="create", use_multipart=False)
                return

    async def put_async(self, key: str, body: bytes) -> None:
        """As `put`."""
        while True:
            tried = self._checksum
            with self._asked_for_another(tried):
                store = self._opened(tried, body)
                await obstore.put_async(store, key, body, use_multipart=_in_parts(tried))
                return

    def _opened(self, checksum: Checksum, body: bytes) -> "ObjectStore":
        if checksum is Checksum.NONE or not isinstance(self._store, S3Store):
            return self._store
        if checksum is Checksum.SHA256:
            return self._with_sha256
        digest = hashlib.md5(body, usedforsecurity=False).digest()
        headers = {"content-md5": base64.b64encode(digest).decode()}
        return _like(self._store, client={"default_headers": headers})

    @cached_property
    def _with_sha256(self) -> "ObjectStore":
        assert isinstance(self._store, S3Store)
        return _like(self._store, config={"checksum_algorithm": "SHA256"})

    @contextmanager
    def _asked_for_another(self, tried: Checksum) -> Iterator[None]:
        """Goes on where the store's refusal is about checksums, and another one is left."""
        try:
            yield
        except BaseError as error:
            is_last = tried is Checksum.MD5 or not isinstance(self._store, S3Store)
            if is_last or not _DEMAND.search(str(error)):
                raise
            self._checksum = max(self._checksum, Checksum(tried + 1))


def _in_parts(checksum: Checksum) -> bool | None:
    """None leaves it to the library. The digest of the whole is no part's."""
    return False if checksum is Checksum.MD5 else None


def _like(
    store: S3Store, *, config: "S3Config | None" = None, client: "ClientConfig | None" = None
) -> S3Store:
    # By their long names: of the short ones that the library tells it does not take all back.
    options = {f"aws_{name}": value for name, value in {**store.config, **(config or {})}.items()}
    return S3Store(
        prefix=store.prefix,
        config=cast("S3Config", options),
        client_options={**(store.client_options or {}), **(client or {})},
        retry_config=store.retry_config,
        credential_provider=store.credential_provider,
    )
