"""Block volumes: what moto does of them, what EC2 refuses, and the machines' disks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.sandbox.clouds.aws.refusing import refused

from liferaft_sandbox.lab.machines import Attached, Disk

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site


def running(ec2: Any, cloud: Cloud, site: Site, **changes: Any) -> str:
    ident = ec2.run_instances(**site.server(**changes))["Instances"][0]["InstanceId"]
    cloud.machines.boot()
    ec2.describe_instances(InstanceIds=[ident])
    return str(ident)


def volume(ec2: Any, zone: str = "us-east-1a", **more: Any) -> str:
    return str(ec2.create_volume(AvailabilityZone=zone, Size=5, **more)["VolumeId"])


@pytest.fixture
def server(ec2: Any, cloud: Cloud, site: Site) -> str:
    return running(ec2, cloud, site)


def zone_of(ec2: Any, server: str) -> str:
    row = ec2.describe_instances(InstanceIds=[server])["Reservations"][0]["Instances"][0]
    return str(row["Placement"]["AvailabilityZone"])


def test_a_volume_goes_to_a_machine_grows_there_and_outlives_it(
    cloud: Cloud, ec2: Any, server: str
) -> None:
    data = volume(ec2, zone_of(ec2, server))
    ec2.attach_volume(VolumeId=data, InstanceId=server, Device="/dev/sdf")
    ec2.modify_volume(VolumeId=data, Size=8)
    link = f"nvme-Amazon_Elastic_Block_Store_{data.replace('-', '')}"
    assert cloud.machines.only().disks == (Attached(data, link),)
    assert cloud.machines.desired is not None
    assert cloud.machines.desired.disks == (Disk(data, 8),)
    ec2.terminate_instances(InstanceIds=[server])
    assert cloud.machines.desired.disks == (Disk(data, 8),)
    assert ec2.describe_volumes(VolumeIds=[data])["Volumes"][0]["State"] == "available"


def test_a_root_disk_is_no_volume_of_the_sandbox(cloud: Cloud, server: str) -> None:
    assert cloud.machines.only().id == server
    assert cloud.machines.desired is not None
    assert cloud.machines.desired.disks == ()


def test_a_token_makes_one_volume(ec2: Any) -> None:
    assert volume(ec2, ClientToken="t") == volume(ec2, ClientToken="t")
    refused(
        "IdempotentParameterMismatch",
        ec2.create_volume,
        AvailabilityZone="us-east-1a",
        Size=6,
        ClientToken="t",
    )


def test_what_cannot_be_attached_is_refused(ec2: Any, site: Site, server: str) -> None:
    zone = zone_of(ec2, server)
    other_zone = "us-east-1f" if zone != "us-east-1f" else "us-east-1a"
    first, second, far = volume(ec2, zone), volume(ec2, zone), volume(ec2, other_zone)
    at = {"InstanceId": server, "Device": "/dev/sdf"}
    refused("InvalidVolume.ZoneMismatch", ec2.attach_volume, VolumeId=far, **at)
    ec2.attach_volume(VolumeId=first, **at)
    refused("InvalidParameterValue", ec2.attach_volume, VolumeId=second, **at)
    refused("VolumeInUse", ec2.attach_volume, VolumeId=first, **{**at, "Device": "/dev/sdg"})
    refused("VolumeInUse", ec2.delete_volume, VolumeId=first)
    refused("IncorrectState", ec2.detach_volume, VolumeId=second)
    refused("InvalidParameterValue", ec2.modify_volume, VolumeId=first, Size=4)
    refused("InvalidZone.NotFound", ec2.create_volume, AvailabilityZone="us-east-1z", Size=1)
    refused("InvalidVolume.NotFound", ec2.attach_volume, VolumeId="vol-0123456789abcdef0", **at)
    booting = ec2.run_instances(**site.server())["Instances"][0]["InstanceId"]
    at = {"InstanceId": booting, "Device": "/dev/sdf"}
    refused("IncorrectState", ec2.attach_volume, VolumeId=second, **at)


@pytest.mark.fidelity
def test_a_machine_keeps_its_root_disk(ec2: Any, server: str) -> None:
    row = ec2.describe_instances(InstanceIds=[server])["Reservations"][0]["Instances"][0]
    root = row["BlockDeviceMappings"][0]["Ebs"]["VolumeId"]
    assert row["BlockDeviceMappings"][0]["DeviceName"] == row["RootDeviceName"]
    refused("OperationNotPermitted", ec2.detach_volume, VolumeId=root)


def test_a_volume_is_detached_from_wherever_it_is(cloud: Cloud, ec2: Any, server: str) -> None:
    data = volume(ec2, zone_of(ec2, server))
    ec2.attach_volume(VolumeId=data, InstanceId=server, Device="/dev/sdf")
    ec2.detach_volume(VolumeId=data)
    assert cloud.machines.only().disks == ()


@pytest.mark.fidelity
def test_only_the_accounts_snapshots_are_its_own(ec2: Any) -> None:
    mine = ec2.create_snapshot(VolumeId=volume(ec2), Description="mine")["SnapshotId"]
    listed = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    assert [snapshot["SnapshotId"] for snapshot in listed] == [mine]


@pytest.mark.fidelity
def test_a_volume_goes_to_a_device_that_there_can_be(ec2: Any, server: str) -> None:
    data = volume(ec2, zone_of(ec2, server))
    nowhere = {"VolumeId": data, "InstanceId": server, "Device": "disk"}
    refused("InvalidParameterValue", ec2.attach_volume, **nowhere)


@pytest.mark.fidelity
def test_a_volume_is_no_smaller_than_its_type_or_its_snapshot(ec2: Any) -> None:
    cold = {"AvailabilityZone": "us-east-1a", "Size": 5, "VolumeType": "st1"}
    refused("InvalidParameterValue", ec2.create_volume, **cold)
    snapshot = ec2.create_snapshot(VolumeId=volume(ec2))["SnapshotId"]
    less = {"AvailabilityZone": "us-east-1a", "Size": 4, "SnapshotId": snapshot}
    refused("InvalidParameterValue", ec2.create_volume, **less)
