"""VPCs, subnets, gateways and route tables: what EC2 refuses and moto would do."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGEST_SUBNET, _SMALLEST_SUBNET = 16, 28  # prefix lengths
_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_NEVER_TARGETS = frozenset({"RouteTableId", "DryRun", *_DESTINATIONS})


def _create_vpc(parameters: dict[str, Any], ec2: Any) -> None:
    del ec2
    if not parameters.keys() & {"CidrBlock", "Ipv4IpamPoolId"}:
        message = "Either 'cidrBlock' or 'ipv4IpamPoolId' must be provided."
        raise AwsError("MissingParameter", message)


def _delete_vpc(parameters: dict[str, Any], ec2: Any) -> None:
    vpc_id = parameters["VpcId"]
    own_groups = any(not group.is_default for group in ec2.groups.get(vpc_id, {}).values())
    if gateways_of(ec2, vpc_id) or own_groups:
        raise in_use(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


def _create_subnet(parameters: dict[str, Any], ec2: Any) -> None:
    ec2.get_vpc(parameters["VpcId"])
    if "CidrBlock" not in parameters:
        message = "Either 'cidrBlock' or 'ipv6CidrBlock' must be provided."
        raise AwsError("MissingParameter", message)
    cidr, zone = parameters["CidrBlock"], parameters.get("AvailabilityZone")
    length = cidr.rpartition("/")[2]
    if length.isdecimal() and not _LARGEST_SUBNET <= int(length) <= _SMALLEST_SUBNET:
        raise AwsError("InvalidSubnet.Range", f"The CIDR '{cidr}' is invalid.")
    if zone is not None and ec2.get_zone_by_name(zone) is None:
        zones = ", ".join(sorted(place.name for place in ec2.describe_availability_zones()))
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently "
            f"only be created in the following availability zones: {zones}.",
        )


def _delete_subnet(parameters: dict[str, Any], ec2: Any) -> None:
    subnet = ec2.get_subnet(parameters["SubnetId"])
    if any(eni.subnet.id == subnet.id for eni in ec2.enis.values()):
        raise in_use(f"The subnet '{subnet.id}' has dependencies and cannot be deleted.")


def _attach_internet_gateway(parameters: dict[str, Any], ec2: Any) -> None:
    gateway = ec2.get_internet_gateway(parameters["InternetGatewayId"])
    vpc = ec2.get_vpc(parameters["VpcId"])
    if any(other is not gateway for other in gateways_of(ec2, vpc.id)):
        message = f"Network {vpc.id} already has an internet gateway attached"
        raise AwsError("InvalidParameterValue", message)


def _detach_internet_gateway(parameters: dict[str, Any], ec2: Any) -> None:
    vpc_id = parameters["VpcId"]
    if any(eni.public_ip and eni.subnet.vpc_id == vpc_id for eni in ec2.enis.values()):
        raise in_use(
            f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
            "address(es) before detaching the gateway."
        )


def _associate_route_table(parameters: dict[str, Any], ec2: Any) -> None:
    """A subnet that has a table keeps it: moto would say yes, and leave it where it is."""
    table = ec2.get_route_table(parameters["RouteTableId"])
    if "SubnetId" not in parameters:
        return
    subnet = ec2.get_subnet(parameters["SubnetId"])
    if subnet.vpc_id != table.vpc_id:
        message = f"Route table {table.id} and subnet {subnet.id} belong to different networks"
        raise AwsError("InvalidParameterValue", message)
    for other in ec2.describe_route_tables(filters={"association.subnet-id": [subnet.id]}):
        if other.id != table.id:
            raise AwsError(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {table.id} conflicts with an "
                "existing association",
            )


def _delete_route_table(parameters: dict[str, Any], ec2: Any) -> None:
    table = ec2.get_route_table(parameters["RouteTableId"])
    if table.main_association_id:
        raise in_use(f"The routeTable '{table.id}' has dependencies and cannot be deleted.")


def _create_route(parameters: dict[str, Any], ec2: Any) -> None:
    table = ec2.get_route_table(parameters["RouteTableId"])
    if not any(name in parameters for name in _DESTINATIONS):
        message = "The request must contain the parameter destinationCidrBlock"
        raise AwsError("MissingParameter", message)
    if not parameters.keys() - _NEVER_TARGETS:
        message = (
            "The request must contain exactly one of gatewayId, instanceId, networkInterfaceId"
        )
        raise AwsError("MissingParameter", message)
    gateway_id, destination = parameters.get("GatewayId", ""), parameters.get(_DESTINATIONS[0])
    if gateway_id.startswith("igw-"):
        gateway = ec2.get_internet_gateway(gateway_id)
        if not gateway.vpc or gateway.vpc.id != table.vpc_id:
            raise AwsError(
                "InvalidParameterValue",
                f"route table {table.id} and network gateway {gateway_id} belong to different "
                "networks",
            )
    if _is_inside(destination, ec2.get_vpc(table.vpc_id).cidr_block):
        raise AwsError(
            "InvalidParameterValue",
            f"The destination CIDR block {destination} is equal to or more specific than one of "
            "this VPC's CIDR blocks. This route can target only an interface or an instance.",
        )


def _delete_route(parameters: dict[str, Any], ec2: Any) -> None:
    table, cidr = ec2.get_route_table(parameters["RouteTableId"]), parameters.get(_DESTINATIONS[0])
    if any(route.local and route.destination_cidr_block == cidr for route in table.routes):
        message = f"cannot remove local route {cidr} in route table {table.id}"
        raise AwsError("InvalidParameterValue", message)


def _is_inside(cidr: str | None, whole: str) -> bool:
    try:
        return ipaddress.IPv4Network(cidr or "").subnet_of(ipaddress.IPv4Network(whole))
    except ValueError:
        return False  # moto refuses it


def _describe_availability_zones(parameters: dict[str, Any], ec2: Any) -> None:
    for name in parameters.get("ZoneNames", []):
        if ec2.get_zone_by_name(name) is None:
            raise AwsError("InvalidParameterValue", f"Invalid availability zone: [{name}]")


def gateways_of(ec2: Any, vpc_id: str) -> list[Any]:
    """The internet gateways that are attached to a network: one at most at EC2."""
    return [igw for igw in ec2.internet_gateways.values() if igw.vpc and igw.vpc.id == vpc_id]


def in_use(message: str) -> AwsError:
    return AwsError("DependencyViolation", message)


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "CreateVpc": _create_vpc,
    "DeleteVpc": _delete_vpc,
    "CreateSubnet": _create_subnet,
    "DeleteSubnet": _delete_subnet,
    "AttachInternetGateway": _attach_internet_gateway,
    "DetachInternetGateway": _detach_internet_gateway,
    "AssociateRouteTable": _associate_route_table,
    "DeleteRouteTable": _delete_route_table,
    "CreateRoute": _create_route,
    "DeleteRoute": _delete_route,
    "DescribeAvailabilityZones": _describe_availability_zones,
}
