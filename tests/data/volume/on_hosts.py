"""A volume on real hosts, with files of every sort in it, and what there is to say of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.data.test_rclone_acts import SEAL

from liferaft.data.rclone import Sealed
from liferaft.data.volume.config import VolumeConfig
from liferaft.data.volume.dataset import Volume, VolumeInVaults
from liferaft.data.volume.places import VolumeOnServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.data.conftest import LocalHost

    from liferaft.site.reach import VaultAccess

CALLED = "app_files"
MOUNT = f"/var/lib/containers/storage/volumes/{CALLED}/_data"
FILES = f"""
podman volume exists {CALLED} || podman volume create {CALLED} >&2
cd {MOUNT}
mkdir -p empty 'photos/deep er' && chmod 2750 photos && chown 33:1234 photos
echo hello >note && ln note photos/again && ln -s /nonexistent/place 'a link'
printf '#!/bin/sh\\n' >program && chown 1000:1000 program && chmod 4751 program
head -c 3000000 /dev/urandom >'photos/deep er/1.jpg'
truncate -s 200M holes && echo end >>holes
touch $'odd\\nname' $'no utf-8 \\xff' "quo'te" && mkfifo fifo && : >'photos/empty file'
python3 -c 'import os; os.setxattr("note", "user.origin", b"a camera")'
touch -d '2001-02-03 04:05:06.789' note && touch -d 1999-01-01 empty && chown 5:6 . && chmod 1777 .
"""
LIST = f"""
import hashlib, os, stat
top = b"{MOUNT}"
for folder, folders, files in os.walk(top):
    folders.sort()
    for name in sorted([b"", *files]):
        path = folder + b"/" + name if name else folder
        seen, digest, more = os.lstat(path), "", ""
        if stat.S_ISREG(seen.st_mode):
            digest = hashlib.sha256(open(path, "rb").read()).hexdigest()[:16]
            more = [(key, os.getxattr(path, key)) for key in os.listxattr(path)]
        if stat.S_ISLNK(seen.st_mode):
            more = os.readlink(path)
        links = 0 if stat.S_ISDIR(seen.st_mode) else seen.st_nlink
        size = 0 if stat.S_ISDIR(seen.st_mode) else seen.st_size
        when = "" if stat.S_ISLNK(seen.st_mode) else seen.st_mtime_ns
        owner = (oct(seen.st_mode), seen.st_uid, seen.st_gid)
        print(path[len(top):], owner, size, when, links, digest, more)
"""


def volume(
    *vaults: VaultAccess,
    epochs: Sequence[int] = (),
    as_of: str | None = None,
    **told: object,
) -> VolumeInVaults:
    """The data set as it is kept in these vaults, or brought back from them."""
    config = VolumeConfig.model_validate({"kind": "volume", "volume": "files", **told})
    place = VolumeOnServer("files", config, "one", config.service or "")
    return VolumeInVaults(
        tuple(Volume(place, Sealed(vault, SEAL), epochs, as_of=as_of) for vault in vaults)
    )


async def listing(host: LocalHost) -> str:
    """All that is to be said of each file of the volume there, its content by its digest."""
    return (await host.run(["python3", "-c", LIST], deadline=120)).text


async def write(host: LocalHost, name: str, content: str) -> None:
    """A service writes a file."""
    await host.text(f"echo '{content}' >'{MOUNT}/{name}'")
