"""What podman calls a volume, by what the Compose file calls it.

liferaft.toml names volumes as the Compose file does: whoever keeps one has to find it on a server
without the file.
"""

import hashlib
import posixpath
import re
from typing import Final

_ODD: Final = r"[^A-Za-z0-9._-]"
_LONGEST: Final = 50
_DIGITS: Final = 8


def volume_name(written: str) -> str:
    """Of a name, itself; of a folder (`./uploads`) or of a place of a service that has no name
    (`web:/scratch`), one that podman takes and that no other of the file has: `./a/b`, `./a-b` and
    `a-b` are three. Pure."""
    if written.startswith("."):
        path = posixpath.normpath(written)
        return _apart(path, re.sub(_ODD, "-", path).strip("-.") or "folder")
    service, colon, target = written.partition(":")
    return _apart(written, re.sub(_ODD, "-", f"{service}{target}")) if colon else written


def _apart(written: str, readable: str) -> str:
    digest = hashlib.sha256(written.encode()).hexdigest()
    return f"{readable[:_LONGEST]}-{digest[:_DIGITS]}"
