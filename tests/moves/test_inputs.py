"""Files that the configuration names are looked at before anything runs."""

from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from tests.hosts import packed

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
    image.write_bytes(packed.image("chirp:1"))
    app = world.config.app.model_copy(update={"images": (image,)})
    world.config = world.config.model_copy(update={"app": app})
    return world


@pytest.mark.parametrize("move", ["deploy", "failover", "snapshot", "destroy"])
def test_files_that_are_in_order_pass(ready: World, move: str) -> None:
    require_files(ready, move)


def test_a_missing_image_stops_a_deploy_and_no_failover(ready: World, tmp_path: Path) -> None:
    (tmp_path / "chirp.oci.tar").unlink()
    with pytest.raises(BadInput, match=r"chirp\.oci\.tar cannot be loaded: no such file") as caught:
        require_files(ready, "deploy")
    assert "app.images" in caught.value.facts.do
    require_files(ready, "failover")


@pytest.mark.parametrize("move", ["deploy", "snapshot"])
def test_an_archive_of_one_byte_stops_a_move_before_it_begins(
    ready: World, tmp_path: Path, move: str
) -> None:
    (tmp_path / "chirp.oci.tar").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"chirp\.oci\.tar cannot be loaded: it is no whole archive"):
        require_files(ready, move)


def test_an_image_that_no_archive_holds_is_told_before_a_deploy(
    ready: World, tmp_path: Path
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("chirp:1", "chirp:2"))
    with pytest.raises(BadInput, match="holds chirp:2, which") as caught:
        require_files(ready, "deploy")
    assert "they hold localhost/chirp:1" in caught.value.facts.happened


def test_an_image_of_a_service_that_no_server_runs_is_not_asked_for(
    ready: World, tmp_path: Path
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE + "  idle:\n    image: other:1\n")
    require_files(ready, "deploy")


def test_one_image_in_two_archives_is_refused(ready: World, tmp_path: Path) -> None:
    again = tmp_path / "again.tar"
    again.write_bytes(packed.image("localhost/chirp:1", content="newer"))
    images = (*ready.config.app.images, again)
    app = ready.config.app.model_copy(update={"images": images})
    ready.config = ready.config.model_copy(update={"app": app})
    with pytest.raises(BadInput, match="localhost/chirp:1 is in two archives"):
        require_files(ready, "deploy")


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
