"""What is put onto a server is what the command has read of the operator's archive."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from liferaft.data.container_images import operator
from liferaft.data.container_images.archive import ContainerImage, archive_path
from liferaft.failures import BadInput
from liferaft.hosts import archives

if TYPE_CHECKING:
    from liferaft.data.rclone import Sealed
    from liferaft.remote import Host


class Given:
    """A server that keeps what is put onto it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def run(self, *_: object, **__: object) -> None:
        """Folders are made."""

    async def put(self, path: str, content: bytes, **_: object) -> None:
        self.files[path] = content


@pytest.fixture
def server() -> Any:
    return Given()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "web.tar"
    path.write_bytes(b"as it was read")
    return path


@pytest.fixture
def image(path: Path) -> ContainerImage:
    return ContainerImage("web-1", archives.digest(path), cast("Sealed", None), ())


async def test_the_archive_that_was_read_is_put(
    server: Any, path: Path, image: ContainerImage
) -> None:
    await operator.put(cast("Host", server), path, image)
    assert server.files == {archive_path(image.digest): b"as it was read"}


def build_anew(path: Path) -> None:
    path.write_bytes(b"as it was built while a person was asked")


@pytest.mark.parametrize("change", [build_anew, Path.unlink])
async def test_an_archive_that_has_changed_since_is_not_put_and_the_way_on_is_to_read_it_again(
    server: Any, path: Path, image: ContainerImage, change: Callable[[Path], None]
) -> None:
    change(path)
    with pytest.raises(BadInput, match=str(path)) as caught:
        await operator.put(cast("Host", server), path, image)
    assert "Run the same command again" in caught.value.facts.do
    assert not server.files
