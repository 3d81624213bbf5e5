"""Files that the configuration names are looked at before anything runs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from pydantic import SecretStr
from tests.hosts import packed

from liferaft.config import AccessKeyPair, Config
from liferaft.config.volumes import VolumesConfig
from liferaft.data.volume.config import VolumeConfig
from liferaft.failures import BadInput
from liferaft.moves.actions.workload import StartWorkload, delivered
from liferaft.moves.files import require_described, require_files
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.release import Release
from liferaft.site.world import World
from liferaft.vault import EpochChain, EpochRecord, Vault
from liferaft_sandbox.vendors.certificates import Authority

PORTS = "    ports: ['127.0.0.1:8080:80']\n"
COMPOSE = f"services:\n  web:\n    image: chirp:1\n{PORTS}"


@pytest.fixture
def ready(world: World, tmp_path: Path) -> World:
    world.site.credentials.identity_file.write_text(str(pyrage.x25519.Identity.generate()))
    world.site.credentials.identity_file.chmod(0o600)
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    image = tmp_path / "chirp.oci.tar"
    image.write_bytes(packed.image("chirp:1"))
    app = world.site.config.app.model_copy(update={"images": (image,)})
    world.site.config = world.site.config.model_copy(update={"app": app})
    return world


@pytest.mark.parametrize("move", ["deploy", "failover", "snapshot", "destroy"])
def test_files_that_are_in_order_pass(ready: World, move: str) -> None:
    require_files(ready.site, move)


def test_a_missing_image_stops_a_deploy_and_no_failover(ready: World, tmp_path: Path) -> None:
    (tmp_path / "chirp.oci.tar").unlink()
    with pytest.raises(BadInput, match=r"chirp\.oci\.tar cannot be loaded: no such file") as caught:
        require_files(ready.site, "deploy")
    assert "app.images" in caught.value.facts.do
    require_files(ready.site, "failover")


def test_a_volume_that_is_neither_data_nor_ephemeral_stops_a_move(
    ready: World, tmp_path: Path
) -> None:
    kept = f"{COMPOSE}    volumes: ['uploads:/uploads']\nvolumes: {{uploads: }}\n"
    (tmp_path / "compose.yaml").write_text(kept)
    with pytest.raises(BadInput, match=r"line 5: .*'uploads' is neither data nor ephemeral"):
        require_files(ready.site, "deploy")
    declared = VolumesConfig(ephemeral=("uploads",))
    ready.site.config = ready.site.config.model_copy(update={"volumes": declared})
    require_files(ready.site, "deploy")
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    with pytest.raises(BadInput, match="ephemeral names uploads") as caught:
        require_files(ready.site, "deploy")
    assert "it has none" in caught.value.facts.do


def test_a_volume_that_a_data_set_keeps_is_declared(ready: World, tmp_path: Path) -> None:
    kept = f"{COMPOSE}    volumes: ['uploads:/uploads']\nvolumes: {{uploads: }}\n"
    (tmp_path / "compose.yaml").write_text(kept)
    uploads = VolumeConfig(kind="volume", volume="uploads")
    data = {**ready.site.config.data, "files": uploads}
    ready.site.config = ready.site.config.model_copy(update={"data": data})
    require_files(ready.site, "deploy")


@pytest.mark.parametrize("move", ["deploy", "snapshot"])
def test_an_archive_of_one_byte_stops_a_move_before_it_begins(
    ready: World, tmp_path: Path, move: str
) -> None:
    (tmp_path / "chirp.oci.tar").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"chirp\.oci\.tar cannot be loaded: it is no whole archive"):
        require_files(ready.site, move)


def test_a_snapshot_asks_for_no_archive_where_the_vault_says_what_runs(
    ready: World, tmp_path: Path
) -> None:
    """The laptop that deployed may be gone, and another takes the snapshot."""
    (tmp_path / "chirp.oci.tar").unlink()
    EpochChain(ready.site.vault).claim(EpochRecord(1, "north", "run-1", "2026-11-22T14:00:00Z"))
    with pytest.raises(BadInput, match=r"chirp\.oci\.tar cannot be loaded: no such file"):
        require_files(ready.site, "snapshot")
    image = Part("image", "chirp", 1, "", 7, {"digest": "d", "names": ["localhost/chirp:1"]})
    release.note(ready.site.vault, 1, "run-1", Release("2026-11-22T14:01:00Z", (image,)))
    require_files(ready.site, "snapshot")
    require_described(ready.site.config, ready.site.vault, "snapshot")
    with pytest.raises(BadInput, match=r"chirp\.oci\.tar"):
        require_files(ready.site, "deploy")


def test_an_image_that_no_archive_holds_is_told_before_a_deploy(
    ready: World, tmp_path: Path
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("chirp:1", "chirp:2"))
    with pytest.raises(BadInput, match="holds chirp:2, which") as caught:
        require_files(ready.site, "deploy")
    assert "they hold localhost/chirp:1" in caught.value.facts.happened


def test_an_image_of_another_architecture_than_the_servers_is_told_before_a_deploy(
    ready: World, tmp_path: Path
) -> None:
    image = packed.image("chirp:1", architecture="arm64")
    (tmp_path / "chirp.oci.tar").write_bytes(image)
    with pytest.raises(BadInput, match="chirp:1 is built for arm64, and the servers of group app"):
        require_files(ready.site, "deploy")


def test_an_image_of_a_service_that_no_server_runs_is_not_asked_for(
    ready: World, tmp_path: Path
) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE + "  idle:\n    image: other:1\n")
    app = ready.site.config.app.model_copy(update={"unused": ("idle",)})
    ready.site.config = ready.site.config.model_copy(update={"app": app})
    require_files(ready.site, "deploy")


def test_services_that_run_nowhere_stop_a_deploy_and_no_failover(
    ready: World, tmp_path: Path
) -> None:
    """What an earlier version deployed has to live on at another site."""
    (tmp_path / "compose.yaml").write_text(
        COMPOSE + "  idle:\n    image: other:1\n  lazy:\n    image: other:1\n"
    )
    for name in ("idle", "lazy"):
        with pytest.raises(BadInput, match=f"services.{name}: no server runs it") as caught:
            require_files(ready.site, "deploy")
    assert "2 problems" in caught.value.facts.happened
    require_files(ready.site, "failover")
    app = ready.site.config.app.model_copy(update={"unused": ("idle", "lazy", "web", "none")})
    ready.site.config = ready.site.config.model_copy(update={"app": app})
    with pytest.raises(BadInput, match=r"names web, which servers.*\n.*names none"):
        require_files(ready.site, "deploy")


def test_a_port_that_is_opened_for_nobody_stops_a_deploy_with_what_is_missing(
    ready: World, tmp_path: Path
) -> None:
    servers = {
        name: group.model_copy(update={"ports": ("2222/tcp",)})
        for name, group in ready.site.config.servers.items()
    }
    ready.site.config = ready.site.config.model_copy(update={"servers": servers})
    with pytest.raises(BadInput) as caught:
        require_files(ready.site, "deploy")
    of_db, of_app = caught.value.facts.happened.splitlines()
    assert of_db.startswith("servers.db.ports: users know the site's address alone")
    assert of_app.endswith('none has "2222:PORT" under ports')
    servers["db"] = servers["db"].model_copy(update={"ports": ()})
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("['", "['2222:22', '"))
    require_files(ready.site, "deploy")


def test_one_image_in_two_archives_is_refused(ready: World, tmp_path: Path) -> None:
    again = tmp_path / "again.tar"
    again.write_bytes(packed.image("localhost/chirp:1", content="newer"))
    images = (*ready.site.config.app.images, again)
    app = ready.site.config.app.model_copy(update={"images": images})
    ready.site.config = ready.site.config.model_copy(update={"app": app})
    with pytest.raises(BadInput, match="localhost/chirp:1 is in two archives"):
        require_files(ready.site, "deploy")


def test_a_service_that_the_compose_file_lacks_is_named(ready: World, tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("web:", "site:"))
    with pytest.raises(BadInput, match="has no service web"):
        require_files(ready.site, "deploy")


def test_everything_that_is_wrong_is_said_at_once(ready: World, tmp_path: Path) -> None:
    ready.site.credentials = replace(ready.site.credentials, identity_file=tmp_path / "absent")
    (tmp_path / "Pulumi.yaml").unlink()
    (tmp_path / "compose.yaml").write_text(COMPOSE + "    privileged: true\n")
    with pytest.raises(BadInput) as caught:
        require_files(ready.site, "failover")
    said = caught.value.facts.happened
    assert all(word in said for word in ("identity file", "Pulumi.yaml", "privileged"))


def test_an_app_that_nobody_would_reach_is_told_before_a_deploy(
    ready: World, tmp_path: Path
) -> None:
    for ports in ("3000:8080", "127.0.0.1:3000:80", "10.0.0.1:8080:80", "8080:8080/udp"):
        (tmp_path / "compose.yaml").write_text(COMPOSE.replace("127.0.0.1:8080:80", ports))
        with pytest.raises(BadInput, match=r"web publishes 127\.0\.0\.1:8080 on app-1"):
            require_files(ready.site, "deploy")
    for ports in ("8080:80", "0.0.0.0:8080:80", "127.0.0.1:8080:80/tcp"):
        (tmp_path / "compose.yaml").write_text(COMPOSE.replace("127.0.0.1:8080:80", ports))
        require_files(ready.site, "deploy")


def test_two_services_of_one_server_cannot_have_one_port(
    configured: Callable[..., Config], vault: Vault, tmp_path: Path
) -> None:
    more = f"  more:\n    image: chirp:1\n{PORTS.replace('127.0.0.1:', '')}"
    config = configured(('runs = ["web"]', 'runs = ["web", "more"]'))
    (tmp_path / "compose.yaml").write_text(COMPOSE + more)
    with pytest.raises(BadInput, match="group app web and more both publish 8080/tcp"):
        require_described(config, vault, "failover")
    apart = '[servers.more]\ncpus = 1\nmemory = "1GiB"\nruns = ["more"]\n\n[data.db]'
    config = configured(("[data.db]", apart))
    (tmp_path / "compose.yaml").write_text(COMPOSE + more)
    require_described(config, vault, "failover")


def test_the_databases_port_is_taken_beside_the_database(
    configured: Callable[..., Config], vault: Vault, tmp_path: Path
) -> None:
    config = configured(('runs = ["postgres"]', 'runs = ["postgres", "pool"]'))
    pool = "  pool:\n    image: chirp:1\n    ports: ['5432:6432', '8080:80']\n"
    (tmp_path / "compose.yaml").write_text(COMPOSE + pool)
    with pytest.raises(BadInput, match=r"pool publishes 5432:6432, the port of .* PostgreSQL"):
        require_described(config, vault, "failover")


def test_a_variable_that_liferaft_delivers_cannot_be_set_by_the_compose_file(
    ready: World, configured: Callable[..., Config], vault: Vault, tmp_path: Path
) -> None:
    told = COMPOSE + "    environment: {S3_BUCKET: the-old-bucket}\n"
    (tmp_path / "compose.yaml").write_text(told)
    with pytest.raises(BadInput, match="sets S3_BUCKET, which liferaft delivers"):
        require_files(ready.site, "deploy")
    config = configured(('[data.media]\nkind = "bucket"\n', ""))
    (tmp_path / "compose.yaml").write_text(told)
    require_described(config, vault, "failover")


def test_a_delivered_name_may_say_the_same_in_the_applications_own_words(
    ready: World, tmp_path: Path
) -> None:
    told = "    environment: {S3_ENDPOINT: '${liferaft:bucket.host}'}\n"
    (tmp_path / "compose.yaml").write_text(COMPOSE + told)
    require_files(ready.site, "deploy")


@pytest.mark.parametrize("move", ["deploy", "failover"])
def test_placeholders_that_stand_for_nothing_are_told_before_anything_runs(
    ready: World, tmp_path: Path, move: str
) -> None:
    told = "    environment:\n      A: ${liferaft:media.name}\n      B: ${liferaft:bucket.key}\n"
    (tmp_path / "compose.yaml").write_text(COMPOSE + told + "    volumes: ['kept:/kept']\n")
    with (tmp_path / "compose.yaml").open("a") as file:
        file.write("volumes: {kept: }\n")
    with pytest.raises(BadInput) as caught:
        require_files(ready.site, move)
    said = caught.value.facts.happened
    assert "line 6: services.web.environment: A: ${liferaft:media.name} stands for" in said
    assert "line 7: services.web.environment: B: ${liferaft:bucket.key} stands for" in said
    assert "bucket.media.name" in said
    assert "'kept' is neither data nor ephemeral" in said


async def test_what_is_delivered_is_what_the_compose_file_may_not_set(
    in_a_bucket: Callable[[str], World],
    tmp_path: Path,
) -> None:
    world = in_a_bucket("s3://chirp-vault")
    keys = AccessKeyPair(SecretStr("id"), SecretStr("secret"))
    authority = tmp_path / "ca.pem"
    authority.write_bytes(Authority("test").root())
    world.site.credentials = replace(
        world.site.credentials, buckets={"north": keys}, users_ca_file=authority
    )
    start = StartWorkload("app-1", 1)
    given = await start._variables(world, await start._of_data(world))
    assert given.keys() == delivered(world.site.config)


@pytest.mark.parametrize("move", ["deploy", "failover"])
def test_an_option_that_a_vendors_class_cannot_use_is_told_before_anything_runs(
    ready: World, move: str
) -> None:
    (name,) = ready.site.config.dns.vendors
    named = ready.site.config.dns.vendors[name].model_copy(
        update={"class_name": "tests.config.classes.Particular"}
    )
    dns = ready.site.config.dns.model_copy(update={"vendors": {name: named}})
    ready.site.config = ready.site.config.model_copy(update={"dns": dns})
    ready.site.credentials = replace(ready.site.credentials, dns={name: {"algorithm": "unknown"}})
    with pytest.raises(BadInput, match=f"does not take an option of the DNS vendor {name}"):
        require_files(ready.site, move)
    require_files(ready.site, "destroy")
