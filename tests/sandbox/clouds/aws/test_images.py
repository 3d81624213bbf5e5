"""Machine images, other types for instances, and want of room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from tests.sandbox.clouds.aws.refusing import refused

from liferaft_sandbox.lab import machines

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site


def running(ec2: Any, cloud: Cloud, site: Site, **changes: Any) -> str:
    ident = ec2.run_instances(**site.server(**changes))["Instances"][0]["InstanceId"]
    cloud.machines.boot()
    ec2.describe_instances(InstanceIds=[ident])
    return str(ident)


def tags(kind: str, **pairs: str) -> dict[str, Any]:
    rows = [{"Key": key, "Value": value} for key, value in pairs.items()]
    return {"ResourceType": kind, "Tags": rows}


def test_an_image_keeps_a_machines_disk_and_another_boots_from_it(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    root = {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "Encrypted": True}}
    source = running(ec2, cloud, site, BlockDeviceMappings=[root])
    ident = ec2.create_image(
        InstanceId=source,
        Name="equipped",
        NoReboot=True,
        TagSpecifications=[tags("image", of="us"), tags("snapshot", of="us as well")],
    )["ImageId"]
    image = ec2.describe_images(Owners=["self"])["Images"][0]
    assert (image["ImageId"], image["State"], image["RootDeviceName"]) == (
        ident,
        "available",
        "/dev/xvda",
    )
    disk = image["BlockDeviceMappings"][0]["Ebs"]
    assert disk["VolumeSize"] == 30
    snapshot = ec2.describe_snapshots(SnapshotIds=[disk["SnapshotId"]])["Snapshots"][0]
    assert snapshot["Tags"] == [{"Key": "of", "Value": "us as well"}]
    second = running(ec2, cloud, site, ImageId=ident)
    assert {machine.id: machine.image for machine in cloud.machines.all()} == {
        source: "debian-12",
        second: ident,
    }
    assert cloud.machines.desired is not None
    assert cloud.machines.desired.images == (machines.Image(ident, source),)


def test_an_images_snapshot_goes_with_it_when_that_is_asked_for(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    source = running(ec2, cloud, site)
    ident = ec2.create_image(InstanceId=source, Name="equipped")["ImageId"]
    mapping = ec2.describe_images(ImageIds=[ident])["Images"][0]["BlockDeviceMappings"][0]
    snapshot = mapping["Ebs"]["SnapshotId"]
    refused("InvalidSnapshot.InUse", ec2.delete_snapshot, SnapshotId=snapshot)
    refused("InvalidAMIName.Duplicate", ec2.create_image, InstanceId=source, Name="equipped")
    gone = ec2.deregister_image(ImageId=ident, DeleteAssociatedSnapshots=True)
    assert gone["DeleteSnapshotResults"] == [{"SnapshotId": snapshot, "ReturnCode": "success"}]
    refused("InvalidSnapshot.NotFound", ec2.describe_snapshots, SnapshotIds=[snapshot])
    refused("InvalidAMIID.Unavailable", ec2.deregister_image, ImageId=ident)
    refused("AuthFailure", ec2.deregister_image, ImageId=site.image)


def test_a_type_changes_only_while_the_instance_is_stopped(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    server = running(ec2, cloud, site)
    larger = {"InstanceId": server, "InstanceType": {"Value": "t3.large"}}
    refused("IncorrectInstanceState", ec2.modify_instance_attribute, **larger)
    ec2.stop_instances(InstanceIds=[server])
    ec2.describe_instances(InstanceIds=[server])
    ec2.modify_instance_attribute(**larger)
    larger["InstanceType"] = {"Value": "t4g.large"}
    refused("InvalidParameterValue", ec2.modify_instance_attribute, **larger)
    ec2.start_instances(InstanceIds=[server])
    row = ec2.describe_instances(InstanceIds=[server])["Reservations"][0]["Instances"][0]
    assert (row["InstanceType"], row["State"]["Name"]) == ("t3.large", "pending")


def stockout(cloud: Cloud, zone: str, **more: Any) -> None:
    room = {"zone": zone, "machine_type": "t3.small", **more}
    requests.post(f"{cloud.url}/_sandbox/stockout", json=room, timeout=60).raise_for_status()


def zone_of(ec2: Any, site: Site) -> str:
    return str(ec2.describe_subnets(SubnetIds=[site.subnet])["Subnets"][0]["AvailabilityZone"])


def test_want_of_room_is_refused_until_there_is_some(cloud: Cloud, ec2: Any, site: Site) -> None:
    stockout(cloud, zone_of(ec2, site))
    refused("InsufficientInstanceCapacity", ec2.run_instances, **site.server())
    assert running(ec2, cloud, site, InstanceType="t3.medium")
    requests.post(f"{cloud.url}/_sandbox/restock", timeout=60).raise_for_status()
    assert running(ec2, cloud, site)


def test_want_of_room_may_show_only_after_the_launch(cloud: Cloud, ec2: Any, site: Site) -> None:
    stockout(cloud, zone_of(ec2, site), later=True)
    made = ec2.run_instances(**site.server())["Instances"][0]["InstanceId"]
    row = ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]
    assert row["State"]["Name"] == "terminated"
    assert row["StateReason"]["Code"] == "Server.InsufficientInstanceCapacity"
    assert cloud.machines.all() == ()


@pytest.mark.fidelity
def test_an_image_without_a_machine_behind_it_is_not_offered(ec2: Any, site: Site) -> None:
    copy = {"Name": "copy", "SourceImageId": site.image, "SourceRegion": "us-east-1"}
    refused("UnsupportedOperation", ec2.copy_image, **copy)
    refused("UnsupportedOperation", ec2.register_image, Name="none")
