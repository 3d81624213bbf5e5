"""Files of ours on a host, put only where they differ, and the folders that they lie in."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from liferaft.remote.acts import QUICK, act, as_user
from liferaft.remote.contract import Host

PROGRAMS: Final = "/usr/lib/liferaft"
_LANES: Final = 4
"""Files put at one time: each waits for the disk. An SSH server allows ten sessions in all."""


@dataclass(frozen=True)
class HostFile:
    """A file as it has to lie on a host. Its content is kept out of `repr`: it may be secret."""

    path: str
    content: bytes = field(repr=False)
    mode: int = 0o644
    owner: str = "root:root"


async def differing(
    host: Host, files: Sequence[HostFile], *, reader: str = "root"
) -> tuple[HostFile, ...]:
    """Those whose content on the host is another, or that are missing there, as `reader` sees it:
    what that user cannot read is missing too. An empty answer: exactly these files are there."""
    if not files:
        return ()
    asked = ["sha256sum", "--", *(file.path for file in files)]
    if reader != "root":
        asked = as_user(reader, *asked)
    listing = await host.run(asked, deadline=QUICK, check=False)
    there = {}
    for line in listing.text.splitlines():
        digest, _, path = line.partition("  ")
        there[path] = digest
    return tuple(
        file for file in files if there.get(file.path) != hashlib.sha256(file.content).hexdigest()
    )


async def put_changed(host: Host, files: Sequence[HostFile]) -> tuple[str, ...]:
    """Puts the files that differ or are missing; returns their paths. Folders must exist."""
    changed = await differing(host, files)
    lanes = asyncio.Semaphore(_LANES)

    async def put(file: HostFile) -> None:
        async with lanes:
            await host.put(file.path, file.content, mode=file.mode, owner=file.owner)

    endings = await asyncio.gather(*map(put, changed), return_exceptions=True)
    for ending in endings:
        if ending is not None:
            raise ending
    return tuple(file.path for file in changed)


async def folder(host: Host, path: str, *, owner: str = "root:root", mode: int = 0o755) -> None:
    await folders(host, path, owner=owner, mode=mode)


async def folders(host: Host, *paths: str, owner: str = "root:root", mode: int = 0o755) -> None:
    """In the order given, so a parent comes before what it holds."""
    user, _, group = owner.partition(":")
    await act(
        host,
        ["install", "-d", "-o", user, "-g", group or user, "-m", f"{mode:04o}", *paths],
        doing=f"Making the folders {', '.join(paths)}",
    )
