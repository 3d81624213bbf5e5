"""EBS volumes beyond moto: which of them are root disks, and what EC2 refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST = 65536  # GiB of a gp3 volume
_SMALLEST = {"io1": 4, "io2": 4, "sc1": 125, "st1": 125}  # GiB; of other types 1
_BY_DEFAULT = "/dev/sda1"  # moto's root disk where the caller maps none
_DEVICE = re.compile(r"(/dev/)?(sd[a-z][0-9]{0,2}|xvd[a-z]{1,2}[0-9]{0,2})")
_ATTACHABLE = frozenset({"running", "stopped"})


def root_disk(instance: Any) -> Any:
    """The volume that the instance boots from."""
    block = instance.block_device_mapping[instance.root_device_name]
    return instance.ec2_backend.get_volume(block.volume_id)


def put_root_where_the_image_says(instance: Any, size: int) -> None:
    """Where the caller maps no root disk, moto makes one at a device and of a size of its own.

    `size` is the image's, in GiB.
    """
    mapped, device = instance.block_device_mapping, instance.root_device_name
    if device not in mapped and _BY_DEFAULT in mapped:
        mapped[device] = mapped.pop(_BY_DEFAULT)
        root_disk(instance).attachment.device = device
        root_disk(instance).size = size


def attached(instance: Any) -> list[Any]:
    """The volumes at the instance, its root disk left out."""
    return [
        instance.ec2_backend.get_volume(block.volume_id)
        for device, block in instance.get_block_device_mapping
        if device != instance.root_device_name
    ]


def refuse_without_root(instance: Any) -> None:
    """InvalidParameterValue for an instance whose root disk was detached."""
    root = instance.root_device_name
    if root not in instance.block_device_mapping:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid value '{instance.id}' for instanceId. Instance does not have a volume "
            f"attached at root ({root})",
        )


def all_but_root_disks(ec2: Any) -> Iterator[Any]:
    for volume in ec2.volumes.values():
        place = volume.attachment
        if place is None or volume in attached(place.instance):
            yield volume


def _create_volume(parameters: dict[str, Any], ec2: Any) -> None:
    zone = parameters.get("AvailabilityZone")
    if zone is None and "AvailabilityZoneId" not in parameters:
        message = "The request must contain the parameter AvailabilityZone"
        raise AwsError("MissingParameter", message)
    if zone is not None and ec2.get_zone_by_name(zone) is None:
        raise AwsError("InvalidZone.NotFound", f"The zone '{zone}' does not exist.")
    kind, size = parameters.get("VolumeType", "gp2"), parameters.get("Size")
    if size is not None:
        refuse_size(size, kind)
    if "SnapshotId" in parameters:
        least = ec2.get_snapshot(parameters["SnapshotId"]).volume.size
        if size is not None and size < least:
            message = f"Volume of {size}GiB is smaller than its snapshot of {least}GiB"
            raise AwsError("InvalidParameterValue", message)


def _attach_volume(parameters: dict[str, Any], ec2: Any) -> None:
    volume = ec2.get_volume(parameters["VolumeId"])
    instance = ec2.get_instance(parameters["InstanceId"])
    device = parameters["Device"]
    if not _DEVICE.fullmatch(device):
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({device}) for parameter device is invalid. {device} is not a valid EBS "
            "device name.",
        )
    if volume.attachment is not None:
        raise AwsError("VolumeInUse", f"{volume.id} is already attached to an instance")
    if instance.state not in _ATTACHABLE:
        raise AwsError("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if volume.zone.name != instance.placement.zone:
        raise AwsError(
            "InvalidVolume.ZoneMismatch",
            f"The volume '{volume.id}' is not in the same availability zone as instance "
            f"'{instance.id}'",
        )
    if device in instance.block_device_mapping:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use",
        )


def _detach_volume(parameters: dict[str, Any], ec2: Any) -> None:
    volume = ec2.get_volume(parameters["VolumeId"])
    place = volume.attachment
    if place is None:
        message = f"Volume '{volume.id}' is in the 'available' state."
        raise AwsError("IncorrectState", message)
    if parameters.get("InstanceId", place.instance.id) != place.instance.id:
        message = f"The volume '{volume.id}' is not attached to '{parameters['InstanceId']}'"
        raise AwsError("InvalidAttachment.NotFound", message)
    if volume not in attached(place.instance) and place.instance.state != "stopped":
        message = f"Unable to detach root volume '{place.device}' from instance"
        raise AwsError("OperationNotPermitted", f"{message} '{place.instance.id}'")


def _modify_volume(parameters: dict[str, Any], ec2: Any) -> None:
    volume, size = ec2.get_volume(parameters["VolumeId"]), parameters.get("Size")
    if size is None:
        return
    refuse_size(size)
    if size < volume.size:
        message = "New size cannot be smaller than existing size"
        raise AwsError("InvalidParameterValue", message)


def refuse_size(size: int, kind: str = "gp3") -> None:
    """InvalidParameterValue where no volume of the type has so many GiB."""
    least = _SMALLEST.get(kind, 1)
    if not least <= size <= LARGEST:
        message = (
            f"Volume of {size}GiB is invalid; it has to be between {least}GiB and {LARGEST}GiB"
        )
        raise AwsError("InvalidParameterValue", message)


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "CreateVolume": _create_volume,
    "AttachVolume": _attach_volume,
    "DetachVolume": _detach_volume,
    "ModifyVolume": _modify_volume,
}
