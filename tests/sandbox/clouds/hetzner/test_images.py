"""Snapshots, other types for servers, and want of room, driven by Hetzner's own SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from hcloud import APIException
from hcloud.actions.domain import ActionFailedException
from hcloud.images.domain import Image
from hcloud.locations.domain import Location
from hcloud.server_types.domain import ServerType

from liferaft_sandbox.lab import machines

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud


def create(hcloud: Client, name: str = "app-1", **changes: Any) -> Any:
    return hcloud.servers.create(
        **{
            "name": name,
            "server_type": ServerType(name="cpx11"),
            "image": Image(name="debian-12"),
            "location": Location(name="fsn1"),
            **changes,
        }
    )


def running(hcloud: Client, name: str = "app-1", **changes: Any) -> Any:
    made = create(hcloud, name, **changes)
    for action in (made.action, *made.next_actions):
        action.wait_until_finished()
    return hcloud.servers.get_by_id(made.server.id)


def test_a_snapshot_keeps_a_machines_disk_and_another_boots_from_it(
    cloud: Cloud, hcloud: Client
) -> None:
    source = running(hcloud)
    made = source.create_image("equipped", "snapshot", {"for": "us"})
    assert (made.image.type, made.image.status) == ("snapshot", "creating")
    made.action.wait_until_finished()
    snapshot = hcloud.images.get_by_id(made.image.id)
    assert (snapshot.status, snapshot.description) == ("available", "equipped")
    assert snapshot.created_from is not None
    assert snapshot.created_from.id == source.id
    assert hcloud.images.get_all(type=["snapshot"], label_selector="for==us") == [snapshot]
    source.delete()
    running(hcloud, "app-2", image=snapshot)
    assert cloud.machines.desired is not None
    kept = machines.Image(f"image-{snapshot.id}", f"server-{source.id}")
    assert cloud.machines.desired.images == (kept,)
    assert cloud.machines.only().image == kept.id


@pytest.mark.fidelity
def test_a_snapshot_of_a_server_that_never_ran_boots_what_that_would_have(
    cloud: Cloud, hcloud: Client
) -> None:
    blank = create(hcloud, start_after_create=False)
    blank.action.wait_until_finished()
    made = blank.server.create_image(type="snapshot")
    made.action.wait_until_finished()
    running(hcloud, "app-2", image=made.image)
    assert cloud.machines.only().image == "debian-12"


def test_an_image_is_renamed_and_deleted_unless_it_is_hetzners(hcloud: Client) -> None:
    made = running(hcloud).create_image("one", "snapshot")
    made.action.wait_until_finished()
    assert hcloud.images.update(made.image, description="two").description == "two"
    assert hcloud.images.delete(made.image)
    debian = hcloud.images.get_by_name_and_architecture("debian-12", "x86")
    assert debian is not None
    with pytest.raises(APIException):
        hcloud.images.delete(debian)


def test_a_type_changes_only_while_the_server_is_off(hcloud: Client) -> None:
    server = running(hcloud)
    with pytest.raises(APIException) as refused:
        server.change_type(ServerType(name="cpx21"), upgrade_disk=False)
    assert refused.value.code == "server_not_stopped"
    server.power_off().wait_until_finished()
    server.change_type(ServerType(name="cpx21"), upgrade_disk=False).wait_until_finished()
    server.reload()
    assert (server.server_type.name, server.primary_disk_size) == ("cpx21", 40)
    server.change_type(ServerType(name="ccx13"), upgrade_disk=True).wait_until_finished()
    with pytest.raises(APIException) as refused:
        server.change_type(ServerType(name="cpx11"), upgrade_disk=False)
    assert refused.value.code == "invalid_server_type"


def stockout(cloud: Cloud, **more: Any) -> None:
    room = {"zone": "fsn1", "machine_type": "cpx11", **more}
    requests.post(f"{cloud.url}/_sandbox/stockout", json=room, timeout=60).raise_for_status()


def test_want_of_room_is_refused_until_there_is_some(cloud: Cloud, hcloud: Client) -> None:
    stockout(cloud)
    with pytest.raises(APIException) as refused:
        create(hcloud)
    assert refused.value.code == "resource_unavailable"
    assert create(hcloud, location=Location(name="nbg1")).server
    cloud.control("restock")
    assert create(hcloud, "app-2").server


def test_want_of_room_may_show_only_in_the_action(cloud: Cloud, hcloud: Client) -> None:
    stockout(cloud, later=True)
    made = create(hcloud)
    with pytest.raises(ActionFailedException) as failed:
        made.action.wait_until_finished()
    assert failed.value.action.error is not None
    assert failed.value.action.error["code"] == "placement_error"
    assert hcloud.servers.get_all() == []
    assert cloud.machines.all() == ()
