"""Images are loaded on servers that the operator's archive does not pass through."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from tests.hosts.packed import image

from liferaft.data.container_images.load import LoadContainerImages
from liferaft.hosts import archives
from liferaft.remote.contract import Completed, Host
from liferaft.site.world import World


class HasIt:
    """A server that has loaded an image already."""

    def __init__(self, digest: str) -> None:
        self.digest = digest

    async def run(self, *_: object, **__: object) -> Completed:
        return Completed(0, self.digest.encode(), b"")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "web.tar"
    path.write_bytes(image("example/web:1"))
    return path


async def test_another_server_asks_nothing_of_an_archive_that_the_run_has_read(
    in_a_bucket: Callable[[str], World], path: Path
) -> None:
    """It may be away by then: a build writes it anew."""
    world = in_a_bucket("s3://chirp-vault")
    app = world.site.config.app.model_copy(update={"images": (path,)})
    world.site.config = world.site.config.model_copy(update={"app": app})
    await world.run.archive(path)
    world.servers._hosts["app-2"] = cast("Host", HasIt(archives.digest(path)))
    await asyncio.to_thread(path.unlink)
    assert await LoadContainerImages("app-2", 1).holds(world)
