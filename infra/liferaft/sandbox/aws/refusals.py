"""What EC2 refuses and moto forgets: dangling references, things in use, limits.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
from typing import TYPE_CHECKING, Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from liferaft.sandbox.aws import security_group_rules, tags, volumes
from liferaft.sandbox.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_INSTANCES = 20  # at once; moto would take every address before it noticed
USER_DATA_LIMIT = 16 * 1024  # bytes before base64


def refuse(operation: str, parameters: dict[str, Any], ec2: Any) -> None:
    """Raise AwsError when EC2 would refuse the operation for a reason that moto does not see.

    `parameters` are nested and named as in the SDK; `ec2` is moto's backend of the region.
    """
    check = _CHECKS.get(operation)
    if check:
        check(parameters, ec2)


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
    for mapping in parameters.get("BlockDeviceMappings", []):
        volumes.refuse_size(mapping.get("Ebs", {}).get("VolumeSize", 1))
    _user_data(parameters.get("UserData"))
    _image_and_type(parameters, ec2)
    key = parameters.get("KeyName")
    if key and key not in ec2.key_pairs:
        raise AwsError("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    nics = parameters.get("NetworkInterfaces", [])
    if nics and parameters.get("SecurityGroupIds"):
        raise AwsError(
            "InvalidParameterCombination",
            "Network interfaces and an instance-level security groups may not be specified on "
            "the same request",
        )
    for place in nics or [{**parameters, "Groups": parameters.get("SecurityGroupIds", [])}]:
        if place.get("SubnetId"):
            subnet = ec2.get_subnet(place["SubnetId"])
            _groups_in_network(ec2, subnet, place.get("Groups", []))
            _free_address(subnet, place.get("PrivateIpAddress"))


def _user_data(encoded: Any) -> None:
    if not encoded:
        return
    raw = encoded.encode() if isinstance(encoded, str) else bytes(encoded)
    try:
        size = len(base64.b64decode(raw, validate=True))
    except binascii.Error as error:
        raise AwsError(
            "InvalidUserData.Malformed", "Invalid BASE64 encoding of user data."
        ) from error
    if size > USER_DATA_LIMIT:
        message = f"User data is limited to {USER_DATA_LIMIT} bytes"
        raise AwsError("InvalidParameterValue", message)


def _image_and_type(parameters: dict[str, Any], ec2: Any, *, forgotten: bool = False) -> None:
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


def _free_address(subnet: Any, address: str | None) -> None:
    if address is None:
        return
    try:
        inside = ipaddress.ip_address(address) in ipaddress.ip_network(subnet.cidr_block)
    except ValueError as error:
        message = f"Invalid value '{address}' for privateIpAddress."
        raise AwsError("InvalidParameterValue", message) from error
    if not inside:
        raise AwsError(
            "InvalidParameterValue", "Address does not fall within the subnet's address range"
        )
    if any(eni.private_ip_address == address for eni in _enis_in(subnet)):
        raise AwsError("InvalidIPAddress.InUse", f"Address {address} is in use.")


def _enis_in(subnet: Any) -> list[Any]:
    return [eni for eni in subnet.ec2_backend.enis.values() if eni.subnet.id == subnet.id]


def _groups_in_network(ec2: Any, subnet: Any, group_ids: list[str]) -> None:
    for group_id in group_ids:
        group = ec2.get_security_group_from_id(group_id)
        if group is None:
            raise AwsError(
                "InvalidGroup.NotFound", f"The security group '{group_id}' does not exist"
            )
        if group.vpc_id != subnet.vpc_id:
            raise AwsError(
                "InvalidParameter",
                f"Security group {group_id} and subnet {subnet.id} belong to different networks.",
            )


def _delete_subnet(parameters: dict[str, Any], ec2: Any) -> None:
    subnet_id = parameters["SubnetId"]
    if _enis_in(ec2.get_subnet(subnet_id)):
        raise _in_use(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


def _delete_vpc(parameters: dict[str, Any], ec2: Any) -> None:
    vpc_id = parameters["VpcId"]
    attached = any(igw.vpc and igw.vpc.id == vpc_id for igw in ec2.internet_gateways.values())
    own_groups = any(not group.is_default for group in ec2.groups.get(vpc_id, {}).values())
    if attached or own_groups:
        raise _in_use(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


def _create_security_group(parameters: dict[str, Any], ec2: Any) -> None:
    if "VpcId" in parameters:
        ec2.get_vpc(parameters["VpcId"])


def _delete_security_group(parameters: dict[str, Any], ec2: Any) -> None:
    group_id = parameters.get("GroupId")
    group = ec2.get_security_group_from_id(group_id) if group_id else None
    if group is None:
        return
    if group.is_default:
        raise AwsError(
            "CannotDelete", f'the specified group: "{group_id}" name: "default" cannot be deleted'
        )
    worn = any(g.id == group_id for eni in ec2.enis.values() for g in eni.group_set)
    named = any(
        rule.source_group.get("GroupId") == group_id
        for groups in ec2.groups.values()
        for other in groups.values()
        if other.id != group_id
        for rule in (*other.ingress_rules, *other.egress_rules)
    )
    if worn or named:
        raise _in_use(f"resource {group_id} has a dependent object")


def _detach_internet_gateway(parameters: dict[str, Any], ec2: Any) -> None:
    vpc_id = parameters["VpcId"]
    if any(eni.public_ip and eni.subnet.vpc_id == vpc_id for eni in ec2.enis.values()):
        raise _in_use(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway."
        )


def _associate_address(parameters: dict[str, Any], ec2: Any) -> None:
    instance_id = parameters.get("InstanceId")
    if not instance_id:
        return
    instance = ec2.get_instance(instance_id)
    if instance.state not in {"running", "stopped"}:
        raise AwsError(
            "InvalidInstanceID",
            f"The {instance.state} instance '{instance_id}' is not in a valid state for this "
            "operation.",
        )
    vpc_id = instance.vpc_id
    if not any(igw.vpc and igw.vpc.id == vpc_id for igw in ec2.internet_gateways.values()):
        raise AwsError(
            "Gateway.NotAttached", f"Network {vpc_id} is not attached to any internet gateway"
        )


def _release_address(parameters: dict[str, Any], ec2: Any) -> None:
    allocation = parameters.get("AllocationId")
    for address in ec2.addresses:
        if address.allocation_id == allocation and address.association_id:
            raise AwsError("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")


def _create_route(parameters: dict[str, Any], ec2: Any) -> None:
    gateway_id = parameters.get("GatewayId", "")
    if not gateway_id.startswith("igw-"):
        return
    table = ec2.get_route_table(parameters["RouteTableId"])
    gateway = ec2.get_internet_gateway(gateway_id)
    if not gateway.vpc or gateway.vpc.id != table.vpc_id:
        raise AwsError(
            "InvalidParameterValue",
            f"route table {table.id} and network gateway {gateway_id} belong to different networks",
        )


def _reboot_instances(parameters: dict[str, Any], ec2: Any) -> None:
    del parameters, ec2
    raise AwsError("UnsupportedOperation", "The sandbox's machines stop and start, but not reboot.")


def _modify_instance_attribute(parameters: dict[str, Any], ec2: Any) -> None:
    wanted = parameters.get("InstanceType")
    if wanted is None:
        return
    instance, name = ec2.get_instance(parameters["InstanceId"]), wanted.get("Value")
    if instance.state != "stopped":
        message = f"The instance '{instance.id}' is not in the 'stopped' state."
        raise AwsError("IncorrectInstanceState", message)
    _image_and_type({"ImageId": instance.image_id, "InstanceType": name}, ec2, forgotten=True)


def _start_instances(parameters: dict[str, Any], ec2: Any) -> None:
    for ident in parameters["InstanceIds"]:
        instance = ec2.get_instance(ident)
        if instance.state not in {"stopped", "pending", "running"}:
            message = f"The instance '{ident}' is not in a state from which it can be started."
            raise AwsError("IncorrectInstanceState", message)


def _in_use(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


_CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "RunInstances": _run_instances,
    "DeleteSubnet": _delete_subnet,
    "DeleteVpc": _delete_vpc,
    "CreateSecurityGroup": _create_security_group,
    "DeleteSecurityGroup": _delete_security_group,
    "DetachInternetGateway": _detach_internet_gateway,
    "AssociateAddress": _associate_address,
    "ReleaseAddress": _release_address,
    "CreateRoute": _create_route,
    "RebootInstances": _reboot_instances,
    "ModifyInstanceAttribute": _modify_instance_attribute,
    "StartInstances": _start_instances,
    **security_group_rules.CHECKS,
    **tags.CHECKS,
    **volumes.CHECKS,
}
