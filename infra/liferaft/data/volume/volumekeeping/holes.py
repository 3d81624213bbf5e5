"""Holes in files that came back by a restic that writes zeros for them (0.14, of Debian 12)."""

import os
import stat
from pathlib import Path

from .ended import end_of
from .look import walk

_LEAST = 64 * 1024
"""Bytes of a file from which on a hole is worth looking for."""
_SECONDS = 3600.0
_GOES = "security.capability"
"""What the kernel takes from a file that is written to."""


def dig_holes(folder: Path) -> None:
    """Long runs of zeros in files take no room on the disk, where its file system knows holes; all
    that is to be said of the files stays. Raises VolumeNotKept where one takes over an hour."""
    seen_before: set[int] = set()
    for path, seen in walk(folder):
        if not stat.S_ISREG(seen.st_mode) or seen.st_ino in seen_before or seen.st_size < _LEAST:
            continue
        seen_before.add(seen.st_ino)
        file = folder / path
        capability = os.getxattr(file, _GOES) if _GOES in os.listxattr(file) else None
        end_of(["fallocate", "--dig-holes", str(file)], seconds=_SECONDS)
        if capability is not None:
            os.setxattr(file, _GOES, capability)
        os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
