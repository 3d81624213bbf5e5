"""EBS volumes beyond moto: which of them are root disks, and what EC2 refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft.sandbox.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LARGEST = 65536  # GiB of a gp3 volume
_BY_DEFAULT = "/dev/sda1"  # moto's root disk where the caller maps none
_ATTACHABLE = frozenset({"running", "stopped"})


def root_disk(instance: Any) -> Any:
    """The volume that the instance boots from."""
    block = instance.block_device_mapping[instance.root_device_name]
    return instance.ec2_backend.get_volume(block.volume_id)


def put_root_where_the_image_says(instance: Any) -> None:
    """Where the caller maps no root disk, moto makes one at a device of its own."""
    mapped, device = instance.block_device_mapping, instance.root_device_name
    if device not in mapped and _BY_DEFAULT in mapped:
        mapped[device] = mapped.pop(_BY_DEFAULT)
        root_disk(instance).attachment.device = device


def attached(instance: Any) -> list[Any]:
    """The volumes at the instance, its root disk left out."""
    return [
        instance.ec2_backend.get_volume(block.volume_id)
        for device, block in instance.get_block_device_mapping
        if device != instance.root_device_name
    ]


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
    refuse_size(parameters.get("Size", 1))


def _attach_volume(parameters: dict[str, Any], ec2: Any) -> None:
    volume = ec2.get_volume(parameters["VolumeId"])
    instance = ec2.get_instance(parameters["InstanceId"])
    device = parameters["Device"]
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


def refuse_size(size: int) -> None:
    """InvalidParameterValue where no volume has so many GiB."""
    if not 1 <= size <= LARGEST:
        message = f"Volume of {size}GiB is invalid; it has to be between 1GiB and {LARGEST}GiB"
        raise AwsError("InvalidParameterValue", message)


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "CreateVolume": _create_volume,
    "AttachVolume": _attach_volume,
    "DetachVolume": _detach_volume,
    "ModifyVolume": _modify_volume,
}
