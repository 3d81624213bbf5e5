"""A site on machines that somebody else provides, as the moves see it."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.application import Unasked

from liferaft.clouds.inventory import Inventory
from liferaft.config import Config, VariablesMissing
from liferaft.data.postgres.binding import database as database_of
from liferaft.hosts.trust import Pin
from liferaft.moves import destroy
from liferaft.moves.actions.servers import TrustServer
from liferaft.moves.inputs import DestroyInputs
from liferaft.provision.description import IP_RANGE
from liferaft.site import servers as worlds
from liferaft.site.inventory import entries, inventory, private_network
from liferaft.site.stack import description, request
from liferaft.site.world import World

Configured = Callable[..., Config]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUYx"
MACHINE = """
[sites.colo.machines.{name}]
address = "198.51.100.{n}"
private_address = "10.40.0.1{n}"
host_key = "{key}"
cpus = {cpus}
memory = "8GiB"
disk = "40GiB"
"""
SITE = '[sites.colo]\ncloud = "ssh"\nregion = "colo"\nobjects = {endpoint = "https://s3.test"}\n'
KEYS = {"colo": {"large": KEY, "small": KEY}}


@pytest.fixture
def config(configured: Configured) -> Config:
    large = MACHINE.format(name="large", n=1, key=f"{KEY} as-on-its-console", cpus=8)
    small = MACHINE.format(name="small", n=2, key="env/SMALL_HOST_KEY", cpus=2)
    return configured(("[servers.db]", f"{SITE}{large}{small}\n[servers.db]"))


@pytest.fixture
def colo(world: World) -> World:
    """At colo db-1 is the large machine, app-1 the small one."""
    assert isinstance(world.site.engine, Unasked)
    for server, n in zip(world.site.engine.outputs["servers"], (1, 2), strict=False):
        server["public_address"], server["private_address"] = f"198.51.100.{n}", f"10.40.0.1{n}"
    credentials = replace(world.site.credentials, host_keys=KEYS)
    return World.of(replace(world.site, name="colo", credentials=credentials, _outputs=None))


def test_machines_are_told_to_the_provider_with_nothing_secret(config: Config) -> None:
    told = inventory(config, "colo", KEYS)
    assert [(m.name, m.memory, m.disk, m.host_key) for m in told.machines] == [
        ("large", 8192, 40, KEY),
        ("small", 8192, 40, KEY),
    ]
    assert told.login == "root"
    assert inventory(config, "east", KEYS) == Inventory()


def test_a_host_key_that_no_variable_holds_is_asked_for_by_name(config: Config) -> None:
    with pytest.raises(VariablesMissing) as missing:
        inventory(config, "colo", {"colo": {"large": KEY, "small": ""}})
    assert missing.value.names == ("SMALL_HOST_KEY",)


def test_users_are_led_to_the_smallest_machine_that_the_edge_fits_on_or_a_pinned_one(
    config: Config,
) -> None:
    assert entries(config, "colo") == ("small", "large")
    pinned = config.sites["colo"].model_copy(update={"sizes": {"app": ("large",)}})
    sites = {**config.sites, "colo": pinned}
    assert entries(config.model_copy(update={"sites": sites}), "colo") == ("large",)
    assert entries(config, "east") == ()


def test_users_are_not_led_to_a_machine_whose_disk_is_too_small_for_the_edge(
    config: Config,
) -> None:
    larger = config.servers["app"].model_copy(update={"disk": 41 * 1024**3})
    groups = {**config.servers, "app": larger}
    assert entries(config.model_copy(update={"servers": groups}), "colo") == ()


def test_the_private_network_is_the_machines_own(config: Config) -> None:
    assert private_network(config, "colo") == "10.40.0.8/29"
    assert private_network(config, "east") == IP_RANGE
    shape = description(config, "colo", "ssh-ed25519 A", servers=True)
    neighbours = {s for rule in shape.rules(shape.groups[0]) for s in rule.sources}
    assert neighbours == {"0.0.0.0/0", "10.40.0.8/29"}
    assert shape.kinds == {"server", "address", "bucket"}


async def test_the_database_listens_where_the_machine_is_and_lets_the_machines_in(
    colo: World,
) -> None:
    database = await database_of(colo)
    assert (database.address, database.network) == ("10.40.0.11", "10.40.0.8/29")


async def test_the_engine_is_told_of_the_machines_and_brings_no_host_key_there(
    colo: World,
) -> None:
    asked = await request(colo.site, bucket=None)
    assert Inventory.from_json(asked.config["liferaft:inventory"]).machines[1].name == "small"
    (texts,) = asked.secret_config.values()
    assert "PRIVATE KEY" not in texts
    assert all("AllowUsers liferaft" in text for text in json.loads(texts).values())
    elsewhere = await request(replace(colo.site, name="east", _outputs=None), bucket=None)
    assert "liferaft:inventory" not in elsewhere.config


def test_the_cloud_is_opened_with_its_machines(colo: World) -> None:
    given = {"LIFERAFT_SSH_KEY_FILE": "/k", "LIFERAFT_S3_ACCESS_KEY_ID": "i"}
    colo.site.environment = {**given, "LIFERAFT_S3_SECRET_ACCESS_KEY": "s"}
    assert set(colo.site.cloud().kinds) == {"server", "address", "bucket"}


async def test_a_declared_host_key_is_the_pin_from_the_beginning(
    colo: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[tuple[str, list[str], int]] = []

    class Connected:
        async def close(self) -> None:
            """Nothing is open."""

    async def connect(address: str, *, host_keys: list[str], port: int, **_: object) -> Connected:
        taken.append((address, host_keys, port))
        return Connected()

    monkeypatch.setattr(worlds, "connect", connect)
    trusted = TrustServer("app-1")
    await colo.servers.keep_pin("app-1", Pin("ssh-ed25519 BBBB", settled=True))
    assert not await trusted.holds(colo)
    await trusted.apply(colo)
    assert taken == [("198.51.100.2", [KEY], 22)]
    assert await colo.servers.pin("app-1") == Pin(KEY, settled=True)
    assert await trusted.holds(colo)


def test_a_destroy_says_that_machines_are_wiped(config: Config) -> None:
    plan = destroy.plan(config, DestroyInputs(site="colo", epoch=1, reigns=True))
    (step,) = (step for step in plan.steps if step.name == "destroy")
    assert step.sentence == (
        "Wipe the machines and give them back, and delete the bucket, at colo (ssh): "
        "the application runs there now"
    )
