"""A server's disk written over with another image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud

pytestmark = pytest.mark.fidelity

SERVER = {"name": "app-1", "server_type": "cx23", "image": "debian-12", "user_data": "first"}


@pytest.fixture
def server(cloud: Cloud) -> dict[str, Any]:
    made: dict[str, Any] = cloud.ask("POST", "/servers", SERVER).json()["server"]
    cloud.ask("GET", f"/servers/{made['id']}")
    return made


def rebuild(cloud: Cloud, server: dict[str, Any], **body: Any) -> Any:
    return cloud.ask("POST", f"/servers/{server['id']}/actions/rebuild", body)


def test_a_rebuilt_server_is_another_machine_in_the_same_place(
    cloud: Cloud, hcloud: Client, server: dict[str, Any]
) -> None:
    before = cloud.machines.only()
    answer = rebuild(cloud, server, image="debian-13", user_data="second")
    assert answer.status_code == 201
    assert answer.json()["root_password"]
    assert cloud.machines.all() == ()
    action = hcloud.actions.get_by_id(answer.json()["action"]["id"])
    action.wait_until_finished()
    assert action.command == "rebuild_server"
    after = cloud.machines.only()
    assert after.user_data == b"second"
    assert (after.public_address, after.running) == (before.public_address, True)
    rebuilt = hcloud.servers.get_by_id(server["id"])
    assert rebuilt.image is not None
    assert (rebuilt.status, rebuilt.image.name) == ("running", "debian-13")


def test_a_server_says_that_it_is_being_rebuilt_and_is_locked_till_then(
    cloud: Cloud, server: dict[str, Any]
) -> None:
    cloud.machines.held_back = True
    rebuild(cloud, server, image="debian-12")
    shown = cloud.ask("GET", f"/servers/{server['id']}").json()["server"]
    assert (shown["status"], shown["locked"]) == ("rebuilding", True)
    again = rebuild(cloud, server, image="debian-12")
    assert again.json()["error"]["code"] == "locked"


def test_a_server_can_be_rebuilt_from_its_own_snapshot(
    cloud: Cloud, server: dict[str, Any]
) -> None:
    path = f"/servers/{server['id']}"
    image = cloud.ask("POST", f"{path}/actions/create_image").json()["image"]["id"]
    cloud.ask("GET", path)
    rebuild(cloud, server, image=image)
    cloud.ask("GET", path)
    assert cloud.machines.only().image == f"image-{image}"


def test_a_protected_server_is_not_rebuilt(cloud: Cloud, server: dict[str, Any]) -> None:
    both = {"delete": True, "rebuild": True}
    cloud.ask("POST", f"/servers/{server['id']}/actions/change_protection", both)
    cloud.ask("GET", f"/servers/{server['id']}")
    refused = rebuild(cloud, server, image="debian-12")
    assert refused.json()["error"]["code"] == "protected"
    assert len(cloud.machines.all()) == 1


def test_a_server_is_rebuilt_from_an_image_that_fits(cloud: Cloud, server: dict[str, Any]) -> None:
    assert "image" in cloud.problems(rebuild(cloud, server, image="windows-95"))
    assert "image" in cloud.problems(rebuild(cloud, server))
    assert len(cloud.machines.all()) == 1
