"""Launches that EC2 refuses and moto would do.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.iam.models import iam_backends

from liferaft_sandbox.clouds.aws import volumes
from liferaft_sandbox.clouds.aws.images import smallest_root_disk
from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_INSTANCES = 20  # at once; moto would take every address before it noticed
USER_DATA_LIMIT = 16 * 1024  # bytes before base64
_RESERVED = (0, 1, 2, 3, -1)
"""Places in a subnet that no instance gets.

https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""


def _run_instances(parameters: dict[str, Any], ec2: Any) -> None:
    if "LaunchTemplate" not in parameters and "ImageId" not in parameters:
        raise AwsError("MissingParameter", "The request must contain the parameter ImageId")
    if parameters["MinCount"] > parameters["MaxCount"] or parameters["MinCount"] < 1:
        raise AwsError(
            "InvalidParameterValue", "Value for parameter minCount or maxCount is invalid."
        )
    if parameters["MaxCount"] > MOST_INSTANCES:
        message = f"Your quota allows for {MOST_INSTANCES} more running instance(s)."
        raise AwsError("InstanceLimitExceeded", message)
    _user_data(parameters.get("UserData"))
    refuse_image_and_type(parameters, ec2)
    _disks(parameters, ec2)
    key = parameters.get("KeyName")
    if key and key not in ec2.key_pairs:
        raise AwsError("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    _profile(parameters.get("IamInstanceProfile", {}), ec2)
    _place(parameters, ec2)


def _user_data(encoded: Any) -> None:
    """In a launch it comes as it was sent."""
    if not encoded:
        return
    raw = encoded.encode() if isinstance(encoded, str) else bytes(encoded)
    try:
        content = base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise AwsError(
            "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."
        ) from error
    refuse_long_user_data(content)


def refuse_long_user_data(content: bytes) -> None:
    """InvalidParameterValue for more than EC2 keeps."""
    if len(content) > USER_DATA_LIMIT:
        message = f"User data is limited to {USER_DATA_LIMIT} bytes"
        raise AwsError("InvalidParameterValue", message)


def refuse_image_and_type(parameters: dict[str, Any], ec2: Any, *, forgotten: bool = False) -> None:
    """`forgotten`: the image may be gone since the instance was launched from it."""
    image_id, type_name = parameters.get("ImageId"), parameters.get("InstanceType", "m1.small")
    image = ec2.amis.get(image_id)
    if image_id and image is None and not forgotten:
        raise AwsError("InvalidAMIID.NotFound", f"The image id '[{image_id}]' does not exist")
    if type_name not in INSTANCE_TYPES:
        raise AwsError("InvalidParameterValue", f"Invalid value '{type_name}' for InstanceType.")
    supported = INSTANCE_TYPES[type_name]["ProcessorInfo"]["SupportedArchitectures"]
    if image and supported and image.architecture not in supported:
        raise AwsError(
            "InvalidParameterValue",
            f"The architecture '{supported[0]}' of the specified instance type does not match "
            f"the architecture '{image.architecture}' of the specified AMI.",
        )


def refuse_groups(ec2: Any, group_ids: list[str], vpc_id: str, place: str) -> None:
    """AwsError for groups that do not exist, or not in the network of `place`."""
    for group_id in group_ids:
        group = ec2.get_security_group_from_id(group_id)
        if group is None:
            raise AwsError(
                "InvalidGroup.NotFound", f"The security group '{group_id}' does not exist"
            )
        if group.vpc_id != vpc_id:
            raise AwsError(
                "InvalidParameter",
                f"Security group {group_id} and {place} belong to different networks.",
            )


def _disks(parameters: dict[str, Any], ec2: Any) -> None:
    image = ec2.amis.get(parameters.get("ImageId"))
    for mapping in parameters.get("BlockDeviceMappings", []):
        size = mapping.get("Ebs", {}).get("VolumeSize")
        if size is None:
            continue
        volumes.refuse_size(size)
        if image is None or mapping.get("DeviceName") != image.root_device_name:
            continue
        least = smallest_root_disk(image)
        if size < least:
            raise AwsError(
                "InvalidBlockDeviceMapping",
                f"Volume of size {size}GB is smaller than snapshot '{image.ebs_snapshot.id}', "
                f"expect size >= {least}GB",
            )


def _profile(wanted: dict[str, Any], ec2: Any) -> None:
    if "Name" not in wanted:
        return
    try:
        iam_backends[ec2.account_id]["aws"].get_instance_profile(wanted["Name"])
    except ServiceException as error:
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({wanted['Name']}) for parameter iamInstanceProfile.name is invalid. "
            "Invalid IAM Instance Profile name",
        ) from error


def _place(parameters: dict[str, Any], ec2: Any) -> None:
    nics, ids = parameters.get("NetworkInterfaces", []), parameters.get("SecurityGroupIds", [])
    if nics and ids:
        raise AwsError(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level security groups may not be specified on "
            "the same request",
        )
    names = parameters.get("SecurityGroups", [])
    if names and "SubnetId" in parameters:
        message = "The parameter groupName cannot be used with the parameter subnet"
        raise AwsError("InvalidParameterCombination", message)
    if names or (ids and "SubnetId" not in parameters):
        _in_default_network(ec2, ids, names)
    for place in nics or [{**parameters, "Groups": ids}]:
        if place.get("SubnetId"):
            subnet = ec2.get_subnet(place["SubnetId"])
            refuse_groups(ec2, place.get("Groups", []), subnet.vpc_id, f"subnet {subnet.id}")
            _free_address(subnet, place.get("PrivateIpAddress"))
            _same_zone(subnet, parameters.get("Placement", {}).get("AvailabilityZone"))


def _in_default_network(ec2: Any, group_ids: list[str], names: list[str]) -> None:
    home = ec2.default_vpc.id
    refuse_groups(ec2, group_ids, home, f"network {home}")
    for name in names:
        if ec2.get_security_group_from_name(name, home) is None:
            message = f"The security group '{name}' does not exist in default VPC '{home}'"
            raise AwsError("InvalidGroup.NotFound", message)


def _same_zone(subnet: Any, zone: str | None) -> None:
    """The words are assumed."""
    if zone is not None and zone != subnet.availability_zone:
        raise AwsError(
            "InvalidParameterValue",
            f"Invalid value '{zone}' for availabilityZone: subnet '{subnet.id}' is in "
            f"'{subnet.availability_zone}'.",
        )


def _free_address(subnet: Any, address: str | None) -> None:
    if address is None:
        return
    network = ipaddress.ip_network(subnet.cidr_block)
    try:
        asked = ipaddress.ip_address(address)
    except ValueError as error:
        message = f"Invalid value '{address}' for privateIpAddress."
        raise AwsError("InvalidParameterValue", message) from error
    if asked not in network:
        raise AwsError(
            "InvalidParameterValue", "Address does not fall within the subnet's address range"
        )
    if asked in {network[place] for place in _RESERVED}:
        raise AwsError(
            "InvalidParameterValue", f"Address {address} is in subnet's reserved address range"
        )
    taken = (eni for eni in subnet.ec2_backend.enis.values() if eni.subnet.id == subnet.id)
    if any(eni.private_ip_address == address for eni in taken):
        raise AwsError("InvalidIPAddress.InUse", f"Address {address} is in use.")


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {"RunInstances": _run_instances}
