"""A site as a Pulumi stack: described from the configuration, asked of an engine."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.config import Config
from liferaft.failures import BadInput
from liferaft.provision.description import SiteDescription
from liferaft.provision.engine.project_file import project_name
from liferaft.site.outputs import exported
from liferaft.site.stack import description, request
from liferaft.site.world import World


def test_both_sites_have_the_same_shape(config: Config) -> None:
    east = description(config, "east", "ssh-ed25519 A", servers=True)
    north = description(config, "north", "ssh-ed25519 A", servers=True)
    assert [(g.name, g.cpus, g.memory, g.count) for g in east.groups] == [
        (g.name, g.cpus, g.memory, g.count) for g in north.groups
    ]


def test_memory_is_said_in_mebibytes_and_sizes_are_pinned_by_site(config: Config) -> None:
    database, app = description(config, "north", "ssh-ed25519 A", servers=True).groups
    assert (database.memory, app.memory) == (4096, 512)
    assert (database.machine_types, app.machine_types) == ((), ("cx32",))


def test_each_group_gets_the_disk_that_the_file_asks_for(
    configured: Callable[..., Config],
) -> None:
    larger = configured(("[servers.db]\n", '[servers.db]\ndisk = "80GiB"\n'))
    assert [g.disk for g in description(larger, "east", "k", servers=True).groups] == [80, 20]


def test_only_the_edge_answers_users(config: Config) -> None:
    ports = {g.name: g.ports for g in description(config, "east", "k", servers=True).groups}
    assert ports == {"db": (), "app": (80, 443)}


def test_a_pilot_light_is_described_like_the_site_that_it_will_be(config: Config) -> None:
    small = description(config, "north", "ssh-ed25519 A", servers=False)
    whole = description(config, "north", "ssh-ed25519 A", servers=True)
    assert (small.pilot_light, whole.pilot_light) == (True, False)
    assert small.groups == whole.groups


def test_a_program_is_called_by_its_pulumi_yaml(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: chirp\nruntime: python\n")
    assert project_name(tmp_path) == "chirp"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "there is no such file"),
        (b"runtime: python\n", "it gives no name"),
        (b"just words\n", "it describes no project"),
        (b"", "it describes no project"),
        (b"name: [\n", "it is not YAML"),
        (b"name: chirp\nx: \xff\xfe\n", "line 2 holds bytes that are no UTF-8"),
        (b"name: !!int abc\n", "a value in it does not fit its tag"),
        (b"name: !!bool maybe\n", "a value in it does not fit its tag"),
        (b"name: " + b"[" * 5000, "nested more than 32 deep"),
        (b"name:\n " + b"- " * 2000, "it is nested too deeply"),
        (b"name: 2001-13-45\n", "a value in it does not fit its tag"),
        (b"name: a/b\n", "its name is none"),
        (b"#" * 300_000, "it is larger than 256 KiB"),
    ],
)
def test_a_folder_without_a_program_is_told_why(
    tmp_path: Path, text: bytes | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / "Pulumi.yaml").write_bytes(text)
    with pytest.raises(BadInput, match=reason):
        project_name(tmp_path)


async def test_the_engine_is_asked_for_the_site_under_the_epoch_that_is_given(
    world: World,
) -> None:
    asked = await request(world.site, bucket=None, servers=False, epoch=7)
    assert asked.stack == "north"
    assert asked.config["liferaft:epoch"] == "7"
    assert asked.config["liferaft:system"] == DEFAULT_SYSTEM
    assert asked.config["liferaft:cloud"] == "hetzner"
    assert SiteDescription.from_json(asked.config["chirp:spec"]).pilot_light


async def test_secrets_reach_the_engine_only_where_it_seals_them(world: World) -> None:
    secrets = await world.site.secrets()
    asked = await request(world.site, bucket="chirp-north-media-0a1b2c3d")
    open_text = json.dumps({**asked.config, **asked.environment})
    assert not [value for value in secrets.to_document().values() if value in open_text]
    assert "PRIVATE KEY" not in open_text
    texts = json.loads(asked.secret_config["chirp:user_data"])
    assert texts.keys() == {"db-1", "app-1"}


def test_the_state_rests_in_the_vault_below_the_application(world: World) -> None:
    location = world.site.state
    assert location.url == f"{world.site.config.vaults['main'].url}/chirp/state"


def test_outputs_are_found_in_an_exported_deployment() -> None:
    rows = [
        {"type": "liferaft:index:Server", "outputs": {"address": "wrong"}},
        {"type": "pulumi:pulumi:Stack", "outputs": {"address": "right"}},
    ]
    assert exported({"deployment": {"resources": rows}}) == {"address": "right"}
    assert exported({}) == {}
    assert exported({"deployment": {"resources": [{"type": "pulumi:pulumi:Stack"}]}}) == {}
