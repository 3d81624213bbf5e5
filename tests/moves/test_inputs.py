"""Files that the configuration names are looked at before anything runs."""

from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from liferaft.failures import BadInput
from liferaft.moves.inputs import require_files
from liferaft.moves.world import World

COMPOSE = "services:\n  web:\n    image: chirp:1\n"


@pytest.fixture
def ready(world: World, tmp_path: Path) -> World:
    world.credentials.identity_file.write_text(str(pyrage.x25519.Identity.generate()))
    world.credentials.identity_file.chmod(0o600)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    image = tmp_path / "chirp.oci.tar"
    image.write_bytes(b"image")
    app = world.config.app.model_copy(update={"images": (image,)})
    world.config = world.config.model_copy(update={"app": app})
    return world


@pytest.mark.parametrize("move", ["deploy", "failover", "snapshot", "destroy"])
def test_files_that_are_in_order_pass(ready: World, move: str) -> None:
    require_files(ready, move)


def test_a_missing_image_stops_a_deploy_and_no_failover(ready: World, tmp_path: Path) -> None:
    (tmp_path / "chirp.oci.tar").unlink()
    with pytest.raises(BadInput, match=r"chirp\.oci\.tar cannot be read: No such file") as caught:
        require_files(ready, "deploy")
    assert "app.images" in caught.value.facts.do
    require_files(ready, "failover")


def test_a_service_that_the_compose_file_lacks_is_named(ready: World, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("web:", "site:"))
    with pytest.raises(BadInput, match="has no service web"):
        require_files(ready, "deploy")


def test_everything_that_is_wrong_is_said_at_once(ready: World, tmp_path: Path) -> None:
    ready.credentials = replace(ready.credentials, identity_file=tmp_path / "absent")
    (tmp_path / "Pulumi.yaml").unlink()
    (tmp_path / "compose.yaml").write_text(COMPOSE + "    privileged: true\n")
    with pytest.raises(BadInput) as caught:
        require_files(ready, "failover")
    said = caught.value.facts.happened
    assert all(word in said for word in ("identity file", "Pulumi.yaml", "privileged"))
