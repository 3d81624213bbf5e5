"""Where an image comes from follows from its name and from what app.images says."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.hosts import packed

from liferaft.config import Config
from liferaft.failures import BadInput
from liferaft.site import image_sources

Asking = Callable[..., Config]
DIGEST = f"sha256:{'a' * 64}"


@pytest.fixture
def asking(configured: Callable[..., Config], tmp_path: Path) -> Asking:
    """The application, whose services run these images; images: what app.images says."""

    def ask(*asked: str, images: str = "") -> Config:
        named = {f"s{number}": image for number, image in enumerate(asked)}
        told = f'name = "chirp"\nimages = {images}' if images else 'name = "chirp"'
        runs = ", ".join(f'"{name}"' for name in named)
        config = configured(('name = "chirp"', told), ('runs = ["web"]', f"runs = [{runs}]"))
        rows = "".join(f"  {name}: {{image: '{image}'}}\n" for name, image in named.items())
        (tmp_path / "compose.yaml").write_text(f"services:\n{rows}")
        return config

    return ask


def places(config: Config) -> dict[str, tuple[str, ...]]:
    return {one.image: one.places for one in image_sources.asked(config)}


def test_without_more_only_names_that_say_their_registry_are_pulled(asking: Asking) -> None:
    config = asking("redis:7", "localhost/web:1", "ghcr.io/who/web:1", "docker.io/redis:6")
    assert places(config) == {
        "docker.io/redis:6": ("docker://docker.io/library/redis:6",),
        "ghcr.io/who/web:1": ("docker://ghcr.io/who/web:1",),
    }


def test_what_an_archive_holds_is_not_pulled(asking: Asking, tmp_path: Path) -> None:
    (tmp_path / "web.tar").write_bytes(packed.image("ghcr.io/who/web:1"))
    config = asking("ghcr.io/who/web:1", "ghcr.io/who/other:1", images='["web.tar"]')
    assert [*places(config)] == ["ghcr.io/who/other:1"]
    first, second = image_sources.archives_of(config)
    assert first == tmp_path / "web.tar"
    assert second.is_relative_to(tmp_path / ".liferaft/images")


def test_short_names_are_docker_hubs_where_registries_are_asked_for(asking: Asking) -> None:
    config = asking("redis:7", "who/web:1", images='"registry"')
    assert places(config) == {
        "redis:7": ("docker://docker.io/library/redis:7",),
        "who/web:1": ("docker://docker.io/who/web:1",),
    }
    assert {one.name for one in image_sources.asked(config)} == {
        "docker.io/library/redis:7",
        "docker.io/who/web:1",
    }


def test_podman_is_looked_into_before_docker(asking: Asking) -> None:
    (one,) = image_sources.asked(asking("web:1", images='"local"'))
    assert one.name == "localhost/web:1"
    assert one.places == (
        "containers-storage:localhost/web:1",
        "containers-storage:docker.io/library/web:1",
        "docker-daemon:web:1",
    )


def test_a_registry_is_asked_for_the_digest_that_the_file_names(asking: Asking) -> None:
    config = asking(f"ghcr.io/who/web:1@{DIGEST}")
    assert places(config) == {"ghcr.io/who/web:1": (f"docker://ghcr.io/who/web@{DIGEST}",)}


def test_one_name_that_would_be_two_images_is_refused(asking: Asking) -> None:
    with pytest.raises(BadInput, match=r"ghcr\.io/who/web:1 is asked for by two digests"):
        image_sources.asked(asking("ghcr.io/who/web:1", f"ghcr.io/who/web:1@{DIGEST}"))


def test_what_lies_here_is_known_without_the_compose_file(asking: Asking, tmp_path: Path) -> None:
    """A failover may need it while that is another one."""
    config = asking("ghcr.io/who/web:1")
    assert image_sources.archives_here(config) == ()
    (path,) = image_sources.archives_of(config)
    path.parent.mkdir(parents=True)
    path.touch()
    (tmp_path / "compose.yaml").unlink()
    assert image_sources.archives_here(config) == (path,)
