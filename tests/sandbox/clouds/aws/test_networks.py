"""VPCs, subnets, gateways and route tables that EC2 refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.sandbox.clouds.aws.refusing import refused

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site

pytestmark = pytest.mark.sandbox  # each begins with an empty region


def table_of(ec2: Any, vpc: str) -> str:
    return str(ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"])


@pytest.mark.fidelity
def test_a_range_with_host_bits_is_the_network_that_it_is_in(cloud: Cloud, ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.7.0.9/16")["Vpc"]
    assert vpc["CidrBlock"] == "10.7.0.0/16"
    assert cloud.machines.desired is not None
    assert [network.cidr for network in cloud.machines.desired.networks] == ["10.7.0.0/16"]


@pytest.mark.fidelity
def test_networks_have_a_range_of_some_size(ec2: Any, site: Site) -> None:
    refused("MissingParameter", ec2.create_vpc)
    refused("MissingParameter", ec2.create_subnet, VpcId=site.vpc)
    small = {"VpcId": site.vpc, "CidrBlock": "10.0.9.0/29"}
    refused("InvalidSubnet.Range", ec2.create_subnet, **small)


@pytest.mark.fidelity
def test_only_the_zones_of_the_region_are_offered_for_a_subnet(ec2: Any, site: Site) -> None:
    subnet = {"VpcId": site.vpc, "CidrBlock": "10.0.9.0/24", "AvailabilityZone": "us-east-1q"}
    with pytest.raises(ClientError, match=r"following availability zones: us-east-1a, .*1f\."):
        ec2.create_subnet(**subnet)
    zones = {"ZoneNames": ["us-east-1q"]}
    refused("InvalidParameterValue", ec2.describe_availability_zones, **zones)


def test_a_network_has_one_internet_gateway(ec2: Any, site: Site) -> None:
    second = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    attach = {"VpcId": site.vpc, "InternetGatewayId": second}
    refused("InvalidParameterValue", ec2.attach_internet_gateway, **attach)


@pytest.mark.fidelity
def test_a_subnet_keeps_the_route_table_that_it_has(ec2: Any, site: Site) -> None:
    second = table_of(ec2, site.vpc)
    place = {"RouteTableId": second, "SubnetId": site.subnet}
    refused("Resource.AlreadyAssociated", ec2.associate_route_table, **place)
    nowhere = {"RouteTableId": "rtb-0123", "SubnetId": site.subnet}
    refused("InvalidRouteTableID.NotFound", ec2.associate_route_table, **nowhere)
    elsewhere = table_of(ec2, ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"])
    foreign = {"RouteTableId": elsewhere, "SubnetId": site.subnet}
    refused("InvalidParameterValue", ec2.associate_route_table, **foreign)


@pytest.mark.fidelity
def test_main_tables_and_local_routes_stay(ec2: Any, site: Site) -> None:
    own = [{"Name": "vpc-id", "Values": [site.vpc]}]
    main = [{"Name": "association.main", "Values": ["true"]}]
    (table,) = ec2.describe_route_tables(Filters=[*own, *main])["RouteTables"]
    ident = table["RouteTableId"]
    refused("DependencyViolation", ec2.delete_route_table, RouteTableId=ident)
    local = {"RouteTableId": ident, "DestinationCidrBlock": "10.0.0.0/16"}
    refused("InvalidParameterValue", ec2.delete_route, **local)


@pytest.mark.fidelity
@pytest.mark.parametrize(
    ("route", "code"),
    [
        ({"GatewayId": "{gateway}"}, "MissingParameter"),
        ({"DestinationCidrBlock": "9.0.0.0/8"}, "MissingParameter"),
        (
            {"DestinationCidrBlock": "10.0.5.0/24", "GatewayId": "{gateway}"},
            "InvalidParameterValue",
        ),
    ],
)
def test_a_route_leads_from_outside_to_something(
    ec2: Any, site: Site, route: dict[str, str], code: str
) -> None:
    filled = {name: value.format(**vars(site)) for name, value in route.items()}
    refused(code, ec2.create_route, RouteTableId=table_of(ec2, site.vpc), **filled)
