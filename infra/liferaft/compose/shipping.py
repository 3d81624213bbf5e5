"""Files beside the Compose file that go to the servers with it."""

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from liferaft import texts
from liferaft.compose.secret_marks import names_in
from liferaft.compose.values import NotAccepted

FOLDER: Final = "files"
"""Beside the Compose file on the server."""
LARGEST_FILE: Final = 1024**2
MOST_FILES: Final = 200
_READ_BY_ALL: Final = 0o444
_RUN_BY_ALL: Final = 0o111


@dataclass(frozen=True)
class ShippedFile:
    """A file as it lies on the server: whoever may see the folder may read it.

    tells_secrets: marks stand in it for secrets of the application's.
    """

    content: bytes = field(repr=False)
    mode: int = _READ_BY_ALL
    tells_secrets: bool = False


@dataclass(frozen=True)
class Shipment:
    """A file or a folder that a service is given.

    Attributes:
        name: relative to the folder of the Compose file on the server; told by what it holds.
        files: by name, below that folder too.
        sources: where they were read.
    """

    name: str
    files: Mapping[str, ShippedFile]
    sources: tuple[Path, ...] = ()


def of_text(content: str, called: str, mode: int | None = None) -> Shipment:
    """What a config says in the Compose file itself."""
    tells_secrets = bool(names_in(content))
    return _one(content.encode(), called, mode or _READ_BY_ALL, (), tells_secrets=tells_secrets)


def of_path(path: Path, mode: int | None = None) -> Shipment:
    """A file or folder of the operator's. Raises NotAccepted. Blocks."""
    if not path.is_dir():
        given = _mode(path)
        return _one(_content(path), path.name, given if mode is None else mode, (path,))
    found: dict[str, ShippedFile] = {}
    sources: list[Path] = []
    for here, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            file = Path(here) / name
            if len(found) == MOST_FILES:
                raise NotAccepted(
                    f"{path} holds more than {MOST_FILES} files", "an image with them"
                )
            found[file.relative_to(path).as_posix()] = ShippedFile(_content(file), _mode(file))
            sources.append(file)
    if not found:
        raise NotAccepted(
            f"{path} holds no file", "a named volume, if the application writes there"
        )
    summed = hashlib.sha256()
    for name, each in found.items():
        summed.update(f"{name}\0{each.mode}\0{len(each.content)}\0".encode() + each.content)
    lead = _name(path.name, summed.hexdigest())
    files = {f"{lead}/{name}": each for name, each in found.items()}
    return Shipment(lead, files, tuple(sources))


def _one(
    content: bytes,
    called: str,
    mode: int,
    sources: tuple[Path, ...],
    *,
    tells_secrets: bool = False,
) -> Shipment:
    digest = hashlib.sha256(f"{mode}\0".encode() + content).hexdigest()
    name = _name(called, digest)
    return Shipment(name, {name: ShippedFile(content, mode, tells_secrets)}, sources)


def _name(called: str, digest: str) -> str:
    """Another one when it holds something else: a release is compared by names."""
    return f"{FOLDER}/{digest[:16]}-{re.sub(r'[^A-Za-z0-9._-]', '_', called)[:80]}"


def _content(path: Path) -> bytes:
    try:
        return texts.read_bytes(path, LARGEST_FILE)
    except texts.Unreadable as error:
        raise NotAccepted(
            f"{path} cannot be read: {error}", "a file beside the Compose file, of at most 1 MiB"
        ) from error


def _mode(path: Path) -> int:
    """What may be run here may be run there."""
    is_program = path.exists() and path.stat().st_mode & 0o100
    return _READ_BY_ALL | (_RUN_BY_ALL if is_program else 0)
