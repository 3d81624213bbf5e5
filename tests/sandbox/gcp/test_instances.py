"""The life of an instance, and what the supervisor is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sandbox.gcp.conftest import PROJECT, REGION, ZONE

from liferaft.sandbox.machines import Rule

if TYPE_CHECKING:
    from tests.sandbox.gcp.conftest import Cloud, Site

INSTANCES = f"zones/{ZONE}/instances"
ONE = f"{INSTANCES}/app-1"


def test_an_instance_is_starting_until_its_machine_runs(cloud: Cloud, site: Site) -> None:
    cloud.machines.held_back = True
    operation = cloud.ask(
        "POST", f"compute/v1/projects/{PROJECT}/{INSTANCES}", site.instance()
    ).json()
    assert (operation["status"], operation["operationType"]) == ("PENDING", "insert")
    assert cloud.compute("GET", ONE)["status"] == "STAGING"
    name = operation["name"]
    assert cloud.compute("GET", f"zones/{ZONE}/operations/{name}")["status"] == "RUNNING"
    cloud.machines.boot()
    assert cloud.compute("GET", ONE)["status"] == "RUNNING"


def test_a_machine_gets_what_the_call_carried(cloud: Cloud, site: Site) -> None:
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8V0nTqSkUkgsPcBsDAUz1AkfUP1Ip1hVLo6oRh2gMp op"
    script = "#!/bin/sh\necho 'äöü'\n"
    items = [
        {"key": "startup-script", "value": script},
        {"key": "ssh-keys", "value": f"op:{key}"},
    ]
    shown = site.create(metadata={"items": items})
    machine = cloud.machines.only()
    assert machine.user_data == script.encode()
    assert machine.authorized_keys == (key,)
    assert machine.hostname == "app-1"
    assert machine.private_address == "10.30.0.2" == shown["networkInterfaces"][0]["networkIP"]
    assert machine.public_address == site.address == "198.18.30.100"
    assert set(machine.rules) == {
        Rule("tcp", 22, 22, ("0.0.0.0/0",)),
        Rule("tcp", 80, 81, ("0.0.0.0/0",)),
    }
    address = cloud.compute("GET", f"regions/{REGION}/addresses/front")
    assert (address["status"], address["users"]) == ("IN_USE", [shown["selfLink"]])
