"""Whether anything of a volume changed: by what the file system says of each file, without reading
one."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from .ended import output_of

_FLUSH_SECONDS = 900.0


def look_at(folder: Path, exclude: Sequence[str]) -> str:
    """A digest of all that a change of any file changes: its inode, size, times, mode, owner.

    What lies in memory is written down first: until then a file that a program has mapped may
    change and look as before.
    """
    output_of(["sync", "--file-system", str(folder)], seconds=_FLUSH_SECONDS)
    found = hashlib.sha256()
    for path, seen in walk(folder, exclude):
        told = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        owner = (seen.st_mode, seen.st_uid, seen.st_gid, seen.st_nlink)
        found.update(os.fsencode(path) + f"\0{told} {owner}\n".encode())
    return found.hexdigest()


def walk(folder: Path, exclude: Sequence[str] = ()) -> Iterator[tuple[str, os.stat_result]]:
    """Each file below the folder with what is to be said of it, and the folder itself as `.`, in
    one order. What goes meanwhile is not there."""
    yield ".", folder.lstat()
    open_folders = [""]
    while open_folders:
        below = open_folders.pop()
        try:
            entries = sorted(os.scandir(folder / below), key=lambda entry: os.fsencode(entry.name))
        except FileNotFoundError:
            continue
        for entry in entries:
            path = f"{below}/{entry.name}".lstrip("/")
            if _is_left_out(path, exclude):
                continue
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield path, seen
            if stat.S_ISDIR(seen.st_mode):
                open_folders.append(path)


def _is_left_out(path: str, exclude: Sequence[str]) -> bool:
    """As restic understands plain patterns; what is more than that counts as a change."""
    name = path.rpartition("/")[2]
    for one in exclude:
        if "[" in one:
            continue
        if one.startswith("/") and path == one.strip("/"):
            return True
        if "/" not in one.strip("/") and not one.startswith("/") and fnmatchcase(name, one):
            return True
    return False
