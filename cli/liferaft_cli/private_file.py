"""A file for an operator's own eyes: in memory, readable by them alone, and gone whatever comes.

A program that is killed by SIGKILL deletes nothing: what it left is deleted by the next one, and
memory forgets it at the next start of the machine.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from liferaft.failures import Refused

_LEAD: Final = "liferaft-private-"
_LEFT: Final = re.compile(rf"{_LEAD}(\d+)-(\d+)-.*")
_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})


@contextmanager
def private_file(name: str, text: str) -> Iterator[Path]:
    """A file of that name with this text, in a folder of its own, which is deleted with whatever
    an editor put beside it. Raises Refused where this machine keeps no files in memory."""
    from liferaft import liveness

    place = _place()
    _delete_left(place)
    mine = f"{os.getpid()}-{liveness.start_ticks(os.getpid()) or 0}-"
    folder = Path(tempfile.mkdtemp(prefix=f"{_LEAD}{mine}", dir=place))  # mode 700
    try:
        path = folder / name
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(text)
        yield path
    finally:
        shutil.rmtree(folder)


def _place() -> Path:
    kinds = _kinds()
    for named in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm"):  # noqa: S108  # mkdtemp in it
        if named and os.access(named, os.W_OK | os.X_OK) and _is_in_memory(Path(named), kinds):
            return Path(named)
    raise Refused(
        "This machine has no folder in memory (tmpfs) in which secrets could be edited",
        safe="Nothing was written and nothing was changed.",
        do="Set them one by one: `liferaft secrets set NAME`.",
    )


def _kinds() -> dict[str, str]:
    """By mount point: what file system is there."""
    try:
        rows = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return {}
    return {parts[1]: parts[2] for row in rows if len(parts := row.split()) > 2}  # noqa: PLR2004


def _is_in_memory(path: Path, kinds: dict[str, str]) -> bool:
    """Whether what lies there is in memory alone."""
    real = path.resolve()
    mount = next((one for one in (real, *real.parents) if str(one) in kinds), None)
    return mount is not None and kinds[str(mount)] in _IN_MEMORY


def _delete_left(place: Path) -> None:
    """What others of ours left who were killed."""
    from liferaft import liveness

    for folder in place.glob(f"{_LEAD}*"):
        found = _LEFT.fullmatch(folder.name)
        if found and liveness.is_gone(int(found[1]), int(found[2])):
            with suppress(OSError):  # another user's
                shutil.rmtree(folder)
