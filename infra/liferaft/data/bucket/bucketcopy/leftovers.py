"""Uploads in parts that a killed copy left behind: no listing of objects shows them, and they cost.

In the vault all below our folder is ours, and what is older than a day is nobody's any more. In the
app's bucket nothing tells our uploads from the app's but what we wrote down when we began them.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from .listing import key_in
from .store import Store, StoreRefused, texts_of

OLD: Final = timedelta(days=1)


def abort_old(store: Store, prefix: str) -> None:
    """Those below `prefix` that were begun long ago. A store that tells of none, or lets none be
    ended, keeps them. Raises Unreached."""
    before = datetime.now(UTC) - OLD
    with suppress(StoreRefused, ET.ParseError):
        old = [one[:2] for one in _under_way(store, prefix) if one[2] < before]
        for key, upload in old:
            _abort(store, key, upload)


class Begun:
    """What a restore began, noted in a file until all of it is known to have ended."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, key: str, upload: str) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        with os.fdopen(os.open(self._path, flags, 0o600), "w") as notes:
            # On a line of its own also where a full disk or a kill left half of the one before.
            notes.write(f"\n{json.dumps([key, upload])}\n")

    def abort(self, store: Store) -> None:
        """All that is noted; what has ended since is not there any more. Raises Unreached."""
        with suppress(FileNotFoundError):
            for line in self._path.read_text().splitlines():
                with suppress(ValueError):  # no line, or half of one that was not written whole
                    _abort(store, *json.loads(line))
            self._path.unlink()


def _abort(store: Store, key: str, upload: str) -> None:
    with suppress(StoreRefused):
        store.ask("DELETE", key, query=[("uploadId", upload)])


def _under_way(store: Store, prefix: str) -> Iterator[tuple[str, str, datetime]]:
    """Key, name and beginning of each upload."""
    after: list[tuple[str, str]] = []
    while True:
        query = [("uploads", ""), ("encoding-type", "url"), ("prefix", prefix), *after]
        _, body = store.ask("GET", query=query)
        root = ET.fromstring(body)  # noqa: S314  # of a store that we keep our data in
        said = texts_of(root)
        for row in root:
            if row.tag.endswith("Upload"):
                yield _upload(texts_of(row), encoded=said.get("EncodingType") == "url")
        markers = (
            ("key-marker", said.get("NextKeyMarker", "")),
            ("upload-id-marker", said.get("NextUploadIdMarker", "")),
        )
        if said.get("IsTruncated") != "true" or after == [*markers]:
            return
        after = [*markers]


def _upload(said: dict[str, str], *, encoded: bool) -> tuple[str, str, datetime]:
    try:
        begun = datetime.fromisoformat(said["Initiated"])
    except (KeyError, ValueError):
        begun = datetime.max.replace(tzinfo=UTC)  # nobody knows: it stays
    if begun.tzinfo is None:
        begun = begun.replace(tzinfo=UTC)
    return key_in(said, encoded=encoded), said.get("UploadId", ""), begun
