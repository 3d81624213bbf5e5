"""Images come from a registry or an engine before anything runs, and are archives from then on."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.docker_registry import Registry, docker_registry, trust_all
from tests.hosts import packed

from liferaft.config import Config
from liferaft.config.images import ImageSource
from liferaft.data.container_images import bringing, covering
from liferaft.data.container_images.bringing import ImagesAway
from liferaft.failures import BadInput
from liferaft.hosts import archives
from liferaft.site import image_sources

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]
Asking = Callable[..., Config]


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    with docker_registry(tmp_path) as one:
        monkeypatch.setenv("HOME", str(one.home))
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(one.home / "no-login.json"))
        yield one


@pytest.fixture
def asking(configured: Callable[..., Config], tmp_path: Path) -> Asking:
    """The application, whose one service runs this image."""

    def ask(image: str, images: str = "") -> Config:
        told = f'name = "chirp"\nimages = "{images}"' if images else 'name = "chirp"'
        config = configured(('name = "chirp"', told))
        service = f"services: {{web: {{image: '{image}', ports: ['8080:80']}}}}\n"
        (tmp_path / "compose.yaml").write_text(service)
        return config

    return ask


def test_an_image_whose_name_has_a_registry_is_pulled_and_is_what_servers_get(
    registry: Registry, asking: Asking
) -> None:
    config = asking(registry.push("web:1"))
    bringing.bring(config)
    covering.require_covered(config)
    (path,) = image_sources.archives_of(config)
    assert archives.read(path).names == (f"{registry.host}/web:1",)
    assert bringing.told_of(path)["digest"].startswith("sha256:")
    assert image_sources.archives_here(config) == (path,)


def test_another_image_under_the_same_tag_is_another_archive_and_the_same_one_is_left_alone(
    registry: Registry, asking: Asking
) -> None:
    config = asking(registry.push("web:1"))
    bringing.bring(config)
    (path,) = image_sources.archives_of(config)
    first, written = archives.digest(path), path.stat().st_mtime_ns
    bringing.bring(config)
    assert path.stat().st_mtime_ns == written
    registry.push("web:1", content="newer")
    bringing.bring(config)
    assert archives.digest(path) != first


def test_what_a_killed_command_left_is_gone_a_day_later(registry: Registry, asking: Asking) -> None:
    config = asking(registry.push("web:1"))
    folder = image_sources.folder(config)
    for name, age in (("new-old", 2 * 24 * 3600), ("new-now", 0)):
        (folder / name / "layout").mkdir(parents=True)
        os.utime(folder / name, (time.time() - age,) * 2)
    bringing.bring(config)
    left = {path.name for path in folder.iterdir() if path.is_dir()}
    assert left == {"new-now"}


def test_two_operators_who_pull_one_image_have_the_same_archive_byte_for_byte(
    registry: Registry, asking: Asking
) -> None:
    config = asking(registry.push("web:1"))
    bringing.bring(config)
    (path,) = image_sources.archives_of(config)
    first = archives.digest(path)
    path.unlink()
    bringing.bring(config)
    assert archives.digest(path) == first


def test_a_digest_that_the_compose_file_names_is_what_runs_though_the_tag_has_moved_on(
    registry: Registry, asking: Asking
) -> None:
    image = registry.push("web:1")
    bringing.bring(asking(image))
    (path,) = image_sources.archives_of(asking(image))
    first, digest = archives.digest(path), bringing.told_of(path)["digest"]
    registry.push("web:1", content="newer")
    config = asking(f"{image}@{digest}")
    bringing.bring(config)
    covering.require_covered(config)
    (pinned,) = image_sources.archives_of(config)
    assert archives.digest(pinned) == first
    assert archives.read(pinned).names == (image,)


def test_of_an_image_for_several_architectures_the_servers_own_is_taken(
    registry: Registry, asking: Asking
) -> None:
    config = asking(registry.push_for("web:1", "arm64", "amd64"))
    bringing.bring(config)
    (path,) = image_sources.archives_of(config)
    assert set(archives.read(path).architectures.values()) == {frozenset({"x86_64"})}


@pytest.mark.parametrize("push", [Registry.push_for, Registry.push])
def test_an_image_for_other_servers_is_refused_before_anything_runs(
    registry: Registry, asking: Asking, push: Callable[..., str]
) -> None:
    image = push(registry, "web:1", *(["arm64"] if push is Registry.push_for else ["", "arm64"]))
    with pytest.raises(BadInput, match="not built for") as caught:
        bringing.bring(asking(image))
    assert "--platform" in caught.value.facts.do


def test_a_dead_registry_is_told_with_what_is_safe_and_the_archive_of_before_stays(
    registry: Registry, asking: Asking
) -> None:
    config = asking(registry.push("web:1"))
    bringing.bring(config)
    registry.kill()
    with pytest.raises(ImagesAway, match=f"docker://{registry.host}/web:1 cannot be had") as caught:
        bringing.bring(config)
    assert "a failover asks no registry" in caught.value.facts.safe
    assert image_sources.archives_here(config) == image_sources.archives_of(config)
    assert len(image_sources.archives_here(config)) == 1


def test_all_images_that_are_not_there_are_told_at_once(
    registry: Registry, asking: Asking, tmp_path: Path
) -> None:
    config = asking(f"{registry.host}/web:2")
    worker = f"}}, worker: {{image: '{registry.host}/worker:3'}}}}"
    compose = tmp_path / "compose.yaml"
    compose.write_text(compose.read_text().replace("}}", worker))
    both = config.servers["app"].model_copy(update={"runs": ("web", "worker")})
    config = config.model_copy(update={"servers": {**config.servers, "app": both}})
    with pytest.raises(BadInput) as caught:
        bringing.bring(config)
    said = caught.value.facts.happened
    assert "web:2 is not there" in said
    assert "worker:3 is not there" in said


def test_a_registry_that_wants_a_login_gets_that_of_the_file_which_the_operator_names(
    asking: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with docker_registry(tmp_path, locked=True) as registry:
        monkeypatch.setenv("HOME", str(registry.home))
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(registry.home / "none.json"))
        config = asking(registry.push("web:1"))
        with pytest.raises(BadInput, match="refused without a login") as caught:
            bringing.bring(config)
        assert "REGISTRY_AUTH_FILE" in caught.value.facts.do
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(registry.login))
        bringing.bring(config)
        assert len(image_sources.archives_here(config)) == 1


def test_images_of_this_machines_own_engine_are_exported(
    asking: Asking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As podman keeps them: by `localhost/` where the Compose file says no registry."""
    store = {"driver": "vfs", "graphroot": f"{tmp_path}/graph", "runroot": f"{tmp_path}/run"}
    rows = "".join(f"{key} = {json.dumps(value)}\n" for key, value in store.items())
    (tmp_path / "storage.conf").write_text(f"[storage]\n{rows}")
    trust_all(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(tmp_path / "storage.conf"))
    (tmp_path / "built.tar").write_bytes(packed.image("localhost/web:1"))
    config = asking("web:1", "local")
    with pytest.raises(BadInput, match="web:1 is in no engine of this machine") as caught:
        bringing.bring(config)
    assert "podman build" in caught.value.facts.do
    subprocess.run(
        [
            *("skopeo", "copy", "--quiet", f"oci-archive:{tmp_path}/built.tar"),
            "containers-storage:localhost/web:1",
        ],
        env=dict(os.environ),
        check=True,
        timeout=60,
    )
    bringing.bring(config)
    covering.require_covered(config)
    (path,) = image_sources.archives_of(config)
    assert archives.read(path).names == ("localhost/web:1",)
    assert isinstance(config.app.images, ImageSource)


def test_a_machine_without_skopeo_is_told_how_to_get_it(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BadInput, match="skopeo, which brings images, is not on this") as caught:
        bringing.bring(asking("ghcr.io/who/web:1"))
    assert "apt install skopeo" in caught.value.facts.do
