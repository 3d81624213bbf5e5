"""Block volumes, driven by Hetzner's own SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hcloud import APIException
from hcloud.images.domain import Image
from hcloud.locations.domain import Location
from hcloud.server_types.domain import ServerType

from liferaft_sandbox.lab.machines import Attached, Disk

if TYPE_CHECKING:
    from hcloud import Client
    from tests.sandbox.clouds.hetzner.conftest import Cloud

FSN = Location(name="fsn1")


def server(hcloud: Client, name: str = "app-1", location: str = "fsn1", **more: Any) -> Any:
    made = hcloud.servers.create(
        name=name,
        server_type=ServerType(name="cpx11"),
        image=Image(name="debian-12"),
        location=Location(name=location),
        **more,
    )
    made.action.wait_until_finished()
    for action in made.next_actions:
        action.wait_until_finished()
    return made.server


def volume(hcloud: Client, name: str = "data", size: int = 10, **more: Any) -> Any:
    made = hcloud.volumes.create(size=size, name=name, **(more or {"location": FSN}))
    made.action.wait_until_finished()
    for action in made.next_actions:
        action.wait_until_finished()
    made.volume.reload()
    return made.volume


def test_a_volume_goes_to_a_machine_grows_there_and_moves_on(cloud: Cloud, hcloud: Client) -> None:
    first, second = server(hcloud), server(hcloud, "app-2")
    data = volume(hcloud, server=first)
    link = f"scsi-0HC_Volume_{data.id}"
    assert data.linux_device == f"/dev/disk/by-id/{link}"
    assert data.server.id == first.id
    hcloud.volumes.resize(data, 12).wait_until_finished()
    hcloud.volumes.detach(data).wait_until_finished()
    hcloud.volumes.attach(data, second).wait_until_finished()
    assert cloud.machines.desired is not None
    assert cloud.machines.desired.disks == (Disk(f"volume-{data.id}", 12),)
    disks = {machine.id: machine.disks for machine in cloud.machines.all()}
    assert disks == {
        f"server-{first.id}": (),
        f"server-{second.id}": (Attached(f"volume-{data.id}", link),),
    }
    assert [one.id for one in hcloud.servers.get_by_id(second.id).volumes or []] == [data.id]


def test_a_volume_outlives_its_server(cloud: Cloud, hcloud: Client) -> None:
    there = server(hcloud)
    data = volume(hcloud, server=there)
    hcloud.servers.delete(there)
    data.reload()
    assert data.server is None
    assert cloud.machines.desired is not None
    assert len(cloud.machines.desired.disks) == 1


@pytest.mark.fidelity
def test_a_server_is_born_with_its_volumes(cloud: Cloud, hcloud: Client) -> None:
    data = volume(hcloud)
    server(hcloud, volumes=[data])
    assert [disk.disk for disk in cloud.machines.only().disks] == [f"volume-{data.id}"]


def refused(code: str, call: Any, *arguments: Any, **more: Any) -> None:
    with pytest.raises(APIException) as error:
        call(*arguments, **more)
    assert error.value.code == code


def test_what_cannot_be_attached_is_refused(hcloud: Client) -> None:
    here, far = server(hcloud), server(hcloud, "far", "ash")
    data = volume(hcloud, server=here)
    refused("volume_already_attached", hcloud.volumes.attach, data, far)
    refused("resource_in_use", hcloud.volumes.delete, data)
    hcloud.volumes.detach(data).wait_until_finished()
    refused("invalid_input", hcloud.volumes.attach, data, far)
    refused("invalid_input", hcloud.volumes.detach, data)
    refused("invalid_input", hcloud.volumes.resize, data, 10)
    refused("invalid_input", hcloud.volumes.create, size=9, name="small", location=FSN)
    hcloud.volumes.change_protection(data, delete=True).wait_until_finished()
    refused("protected", hcloud.volumes.delete, data)
