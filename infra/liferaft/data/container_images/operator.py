"""The operator's own archives, put onto servers."""

import asyncio
import hashlib
import logging
from pathlib import Path

from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.failures import BadInput, Failure, Own
from liferaft.hosts import archives
from liferaft.remote import Host
from liferaft.site import image_sources
from liferaft.site.world import World

_log = logging.getLogger(__name__)


async def put(host: Host, path: Path, image: ContainerImage) -> None:
    """The archive is on the server, readable by root alone. Raises BadInput where it is not any
    longer what this command has read."""
    content = await asyncio.to_thread(_read, path, image)
    await host.run(["install", "-d", "-m", "700", FOLDER], deadline=30)
    await host.put(archive_path(image.digest), content, mode=0o600)


async def put_instead(world: World, host: Host, image: ContainerImage, damage: Failure) -> None:
    """The operator's archive of the same content, where the vault's is of no use: this is told.
    Raises the damage where the operator has none."""
    for path in await asyncio.to_thread(image_sources.archives_here, world.site.config):
        if await asyncio.to_thread(archives.digest, path) == image.digest:
            _log.warning("%s %s has the same content and is used.", damage, path)
            await put(host, path, image)
            return
    raise damage


def _read(path: Path, image: ContainerImage) -> bytes:
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != image.digest:
        raise BadInput(
            f"The image {path} has changed since this command read it",
            safe=Own("This image was not brought to a server."),
            do="Run the same command again once it is built: it is read anew.",
        )
    return content
