"""The operator's own archives, put onto servers."""

import asyncio
import logging
from pathlib import Path

from liferaft.data.container_images.archive import FOLDER, ContainerImage, archive_path
from liferaft.failures import Failure
from liferaft.hosts import archives
from liferaft.remote import Host
from liferaft.site.world import World

_log = logging.getLogger(__name__)


async def put(host: Host, path: Path, image: ContainerImage) -> None:
    """The archive is on the server, readable by root alone."""
    await host.run(["install", "-d", "-m", "700", FOLDER], deadline=30)
    content = await asyncio.to_thread(path.read_bytes)
    await host.put(archive_path(image.digest), content, mode=0o600)


async def put_instead(world: World, host: Host, image: ContainerImage, damage: Failure) -> None:
    """The operator's archive of the same content, where the vault's is of no use: this is told.
    Raises the damage where the operator has none."""
    there = [path for path in world.site.config.app.images if path.is_file()]
    for path in there:
        if await asyncio.to_thread(archives.digest, path) == image.digest:
            _log.warning("%s %s has the same content and is used.", damage, path)
            await put(host, path, image)
            return
    raise damage
