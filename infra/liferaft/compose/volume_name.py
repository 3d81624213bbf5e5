"""What podman calls a volume, by what the Compose file calls it.

liferaft.toml names volumes as the Compose file does: whoever keeps one has to find it on a server
without the file.
"""

import posixpath
import re
from typing import Final

_ODD: Final = r"[^A-Za-z0-9._-]"
_LONGEST: Final = 60


def volume_name(written: str) -> str:
    """Of a name, itself; of a folder (`./uploads`) or of a place of a service that has no name
    (`web:/scratch`), one that podman takes. Pure."""
    if written.startswith("."):
        called = re.sub(_ODD, "-", posixpath.normpath(written)).strip("-.") or "folder"
        return called[:_LONGEST]
    service, colon, target = written.partition(":")
    return re.sub(_ODD, "-", f"{service}{target}")[:_LONGEST] if colon else written
