"""Instances as EC2 launches them, where moto does it otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.images import smallest_root_disk
from liferaft_sandbox.clouds.aws.volumes import put_root_where_the_image_says

if TYPE_CHECKING:
    from collections.abc import Iterable

    from liferaft_sandbox.clouds.aws.wire import Call


def said_to_moto(call: Call, parameters: dict[str, Any], ec2: Any) -> dict[str, str]:
    """What a launch has to say besides: moto starts MinCount instances, and makes no root disk
    that is mapped without a size; EC2 starts MaxCount, and gives it the image's size.
    """
    image = ec2.amis.get(parameters.get("ImageId"))
    return {
        "MinCount": str(parameters["MaxCount"]),
        "ClientToken": call.parameters.get("ClientToken", call.request_id),
        **{
            f"SecurityGroupId.{place}": ident
            for place, ident in enumerate(_groups_of_interface(parameters), start=1)
        },
        **{
            f"BlockDeviceMapping.{place}.Ebs.VolumeSize": str(smallest_root_disk(image))
            for place, mapping in enumerate(parameters.get("BlockDeviceMappings", []), start=1)
            if image and mapping.get("DeviceName") == image.root_device_name
            if not mapping.get("Ebs", {}).keys() & {"VolumeSize", "SnapshotId"}
        },
    }


def _groups_of_interface(parameters: dict[str, Any]) -> list[str]:
    """moto does not count the first interface's groups as the instance's."""
    first = (nic for nic in parameters.get("NetworkInterfaces", []) if nic.get("DeviceIndex") == 0)
    return next((nic.get("Groups", []) for nic in first), [])


def like_ec2(launched: Iterable[Any], parameters: dict[str, Any], ec2: Any) -> None:
    """Root disks, interfaces that go with the instance, and groups that it tells as its own."""
    kept = {
        nic.get("DeviceIndex", 0)
        for nic in parameters.get("NetworkInterfaces", [])
        if nic.get("DeleteOnTermination") is False or "NetworkInterfaceId" in nic
    }
    for instance in launched:
        image = ec2.amis.get(instance.image_id)
        if image is not None:
            put_root_where_the_image_says(instance, smallest_root_disk(image))
        for index, nic in instance.nics.items():
            nic.delete_on_termination = index not in kept
        if not instance.security_groups and 0 in instance.nics:
            instance.security_groups = list(instance.nics[0].group_set)


def leave_out_gone(parameters: dict[str, Any], ec2: Any) -> None:
    """A terminated instance may be terminated again; moto would look for its interfaces."""
    for instance in ec2.all_instances():
        if instance.id not in parameters["InstanceIds"]:
            continue
        for nic in instance.nics.values():
            nic.delete_on_termination = nic.delete_on_termination and nic.id in ec2.enis


def with_groups_of_its_own(instance: Any) -> None:
    """Once an instance's groups are changed, its interface has those alone; moto keeps both."""
    instance.ec2_backend.modify_network_interface_attribute(
        instance.nics[0].id, [group.id for group in instance.security_groups]
    )
