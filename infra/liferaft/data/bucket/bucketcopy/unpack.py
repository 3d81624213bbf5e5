"""The vault's objects as files in a folder: for a person who looks for one, where no store is."""

import json
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .kept import Kept
from .listing import Listed
from .sealing import digest_of
from .shelf import moment_of
from .task import Task
from .verify import open_objects

INDEX: Final = "index.jsonl"
"""A line for each object: its key, the file that holds it, and its headers."""
OBJECTS: Final = "objects"
OTHERS: Final = "others"
"""Objects whose keys are no paths of files, each under a name that says nothing."""
_LONGEST: Final = 255
"""Bytes of a file's name."""
_DEEPEST: Final = 2000
"""Characters of a path."""


def unpack(task: Task) -> Mapping[str, Any]:
    """Every key's latest version of that moment, into the state's folder, which is empty. What is
    damaged is left out and told, as `verify_all` tells it."""
    folder = task.state
    for name in (OBJECTS, OTHERS):
        (folder / name).mkdir()
    newest: dict[str, tuple[str, str]] = {}
    rows: dict[str, Mapping[str, Any]] = {}
    lock = threading.Lock()

    def write(one: Listed, content: Iterator[bytes]) -> int:
        with _half(folder, one).open("wb") as file:
            return sum(map(file.write, content))

    def put(one: Listed, kept: Kept) -> None:
        digest, half = digest_of(one.key.rpartition("/")[2]), _half(folder, one)
        with lock:
            came_later = task.as_of is not None and moment_of(kept.modified) > task.as_of
            version = (kept.modified, one.modified)
            if came_later or version < newest.get(digest, ("", "")):
                half.unlink()
                return
            newest[digest] = version
            before = rows.get(digest)
            if before is not None:
                (folder / before["file"]).unlink()
            path = _put(half, place_of(folder, kept.key, digest), folder / OTHERS / digest)
            rows[digest] = {
                "key": kept.key,
                "file": str(path.relative_to(folder)),
                "headers": dict(kept.headers),
                "meta": dict(kept.meta),
            }

    came = open_objects(task, whole=True, take=write, done=put)
    for half in (folder / OTHERS).glob(".*"):
        half.unlink()  # of what is damaged
    text = "".join(f"{json.dumps(row)}\n" for row in rows.values())
    (folder / INDEX).write_text(text)
    return came


def _half(folder: Path, one: Listed) -> Path:
    return folder / OTHERS / f".{one.key.rpartition('/')[2]}"


def place_of(folder: Path, key: str, digest: str) -> Path:
    """Below OBJECTS where the key is a path that stays there; else below OTHERS. Pure."""
    parts = key.split("/")
    stays = all(part not in {"", ".", ".."} and "\0" not in part for part in parts)
    try:
        fits = all(len(os.fsencode(part)) <= _LONGEST for part in parts) and len(key) < _DEEPEST
    except UnicodeEncodeError:
        fits = False
    return folder.joinpath(OBJECTS, *parts) if stays and fits else folder / OTHERS / digest


def _put(half: Path, path: Path, otherwise: Path) -> Path:
    """Where it is now: one key may want to be a file where another wants a folder."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            half.rename(path)
            return path
    except OSError:
        pass
    half.rename(otherwise)
    return otherwise
