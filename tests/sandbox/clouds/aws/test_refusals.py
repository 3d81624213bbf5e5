"""What EC2 refuses, moto forgets and the front remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site

pytestmark = pytest.mark.sandbox  # some five seconds: each begins with an empty region


@pytest.mark.parametrize(
    ("operation", "arguments", "code"),
    [
        ("create_subnet", {"VpcId": "vpc-0", "CidrBlock": "10.0.0.0/24"}, "InvalidVpcID.NotFound"),
        (
            "create_security_group",
            {"GroupName": "g", "Description": "g", "VpcId": "vpc-0"},
            "InvalidVpcID.NotFound",
        ),
        ("create_route_table", {"VpcId": "vpc-0"}, "InvalidVpcID.NotFound"),
        (
            "associate_address",
            {"AllocationId": "eipalloc-0", "InstanceId": "i-0"},
            "InvalidInstanceID.NotFound",
        ),
        ("release_address", {"AllocationId": "eipalloc-0"}, "InvalidAllocationID.NotFound"),
        ("terminate_instances", {"InstanceIds": ["i-0"]}, "InvalidInstanceID.NotFound"),
        ("delete_subnet", {"SubnetId": "subnet-0"}, "InvalidSubnetID.NotFound"),
        ("delete_vpc", {"VpcId": "vpc-0"}, "InvalidVpcID.NotFound"),
        (
            "attach_internet_gateway",
            {"InternetGatewayId": "igw-0", "VpcId": "vpc-0"},
            "InvalidInternetGatewayID.NotFound",
        ),
    ],
)
def test_operations_on_what_does_not_exist_are_refused(
    ec2: Any, operation: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(ec2, operation)(**arguments)
    assert refused.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("operation", "argument", "part"),
    [
        ("delete_subnet", "SubnetId", "subnet"),
        ("delete_security_group", "GroupId", "group"),
        ("delete_vpc", "VpcId", "vpc"),
        ("delete_internet_gateway", "InternetGatewayId", "gateway"),
    ],
)
def test_what_is_in_use_is_not_deleted(
    ec2: Any, site: Site, operation: str, argument: str, part: str
) -> None:
    ec2.run_instances(**site.server())
    with pytest.raises(ClientError) as refused:
        getattr(ec2, operation)(**{argument: getattr(site, part)})
    assert refused.value.response["Error"]["Code"] == "DependencyViolation"


def test_a_gateway_stays_attached_while_public_addresses_are_mapped(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    instance = ec2.run_instances(**site.server())["Instances"][0]["InstanceId"]
    cloud.machines.boot()
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=instance)
    with pytest.raises(ClientError, match="mapped public address"):
        ec2.detach_internet_gateway(InternetGatewayId=site.gateway, VpcId=site.vpc)


def test_everything_goes_away_in_the_right_order(cloud: Cloud, ec2: Any, site: Site) -> None:
    instance = ec2.run_instances(**site.server())["Instances"][0]["InstanceId"]
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.detach_internet_gateway(InternetGatewayId=site.gateway, VpcId=site.vpc)
    ec2.delete_internet_gateway(InternetGatewayId=site.gateway)
    ec2.delete_security_group(GroupId=site.group)
    (table,) = (
        table
        for table in ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [site.vpc]}])[
            "RouteTables"
        ]
        if not any(association["Main"] for association in table["Associations"])
    )
    ec2.disassociate_route_table(AssociationId=table["Associations"][0]["RouteTableAssociationId"])
    ec2.delete_route_table(RouteTableId=table["RouteTableId"])
    ec2.delete_subnet(SubnetId=site.subnet)
    ec2.delete_vpc(VpcId=site.vpc)
    assert cloud.machines.desired is not None
    assert cloud.machines.desired.networks == ()


@pytest.mark.fidelity
def test_an_unknown_parameter_is_refused(cloud: Cloud) -> None:
    answer = cloud.ask(Action="CreateVpc", CidrBlock="10.0.0.0/16", Colour="blue")
    assert answer.status_code == 400
    assert "<Code>UnknownParameter</Code>" in answer.text
    assert "The parameter Colour is not recognized" in answer.text


@pytest.mark.fidelity
@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_subnet", {"VpcId": "{vpc}", "CidrBlock": "10.0.2.0/24"}),
        ("delete_security_group", {"GroupId": "{group}"}),
        ("detach_internet_gateway", {"InternetGatewayId": "{gateway}", "VpcId": "{vpc}"}),
        ("describe_instance_types", {}),
    ],
)
def test_what_is_only_tried_changes_nothing(
    cloud: Cloud, ec2: Any, site: Site, operation: str, arguments: dict[str, str]
) -> None:
    before = cloud.machines.reconciled
    filled = {name: value.format(**vars(site)) for name, value in arguments.items()}
    with pytest.raises(ClientError) as refused:
        getattr(ec2, operation)(**filled, DryRun=True)
    assert refused.value.response["Error"]["Code"] == "DryRunOperation"
    assert cloud.machines.reconciled == before


@pytest.mark.fidelity
@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingAction"),
        ({"Action": "RunInstances", "MinCount": "--5", "MaxCount": "1"}, "InvalidParameterValue"),
        ({"Action": "RunInstances", "MinCount": "²", "MaxCount": "1"}, "InvalidParameterValue"),
        ({"Action": "CreateVolume", "Size": "9" * 5000}, "InvalidParameterValue"),
        ({"Action": "CreateVolume", "Size": "1"}, "MissingParameter"),
        ({"Action": "AllocateAddress", "Domain": "moon"}, "InvalidParameterValue"),
        ({"Action": "DescribeSpotPriceHistory", "StartTime": "soon"}, "InvalidParameterValue"),
        ({"Action": "DescribeVpcs", "Filter.1.Name": "colour"}, "InvalidParameterValue"),
        (
            {"Action": "DescribeInstances", "MaxResults": "5", "NextToken": "no-page"},
            "InvalidNextToken",
        ),
    ],
)
def test_what_moto_would_stumble_over_is_refused_in_ec2s_own_form(
    cloud: Cloud, parameters: dict[str, str], code: str
) -> None:
    answer = cloud.ask(**parameters)
    assert answer.status_code == 400
    assert f"<Response><Errors><Error><Code>{code}</Code>" in answer.text


@pytest.mark.fidelity
def test_a_filter_that_nobody_knows_is_named(ec2: Any, site: Site) -> None:
    ec2.run_instances(**site.server())
    with pytest.raises(ClientError, match="The filter 'colour' is invalid, or not offered"):
        ec2.describe_instances(Filters=[{"Name": "colour", "Values": ["blue"]}])
    with pytest.raises(ClientError, match="The filter 'colour' is invalid, or not offered"):
        ec2.describe_security_group_rules(Filters=[{"Name": "colour", "Values": ["blue"]}])


@pytest.mark.fidelity
def test_an_answer_has_ec2s_own_namespace(cloud: Cloud) -> None:
    """libcloud looks for names in it, and finds nothing in any other."""
    answer = cloud.ask(Action="DescribeVpcs").text
    assert '<DescribeVpcsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">' in answer


@pytest.mark.fidelity
def test_a_list_may_be_counted_from_nought(cloud: Cloud, ec2: Any, site: Site) -> None:
    tags = {"Tag.0.Key": "app", "Tag.0.Value": "web", "Tag.1.Key": "site", "Tag.1.Value": "east"}
    answer = cloud.ask(Action="CreateTags", **{"ResourceId.0": site.vpc}, **tags)
    assert answer.status_code == 200
    found = ec2.describe_vpcs(VpcIds=[site.vpc])["Vpcs"][0]["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in found} == {"app": "web", "site": "east"}


@pytest.mark.fidelity
def test_a_message_shows_ids_as_words(ec2: Any) -> None:
    with pytest.raises(ClientError, match=r"The volume 'vol-0123' does not exist\."):
        ec2.describe_volumes(VolumeIds=["vol-0123"])


@pytest.mark.fidelity
def test_a_missing_parameter_is_refused(cloud: Cloud) -> None:
    answer = cloud.ask(Action="CreateSubnet", CidrBlock="10.0.0.0/24")
    assert "<Code>MissingParameter</Code>" in answer.text
    assert "VpcId" in answer.text


@pytest.mark.fidelity
def test_a_value_of_the_wrong_type_is_refused(cloud: Cloud) -> None:
    answer = cloud.ask(Action="RunInstances", MinCount="one", MaxCount="1")
    assert "<Code>InvalidParameterValue</Code>" in answer.text


@pytest.mark.fidelity
def test_an_operation_that_does_not_exist_is_refused(cloud: Cloud) -> None:
    assert "<Code>InvalidAction</Code>" in cloud.ask(Action="CreateEverything").text


@pytest.mark.fidelity
def test_user_data_that_is_no_base64_is_refused(cloud: Cloud, site: Site) -> None:
    answer = cloud.ask(
        Action="RunInstances",
        ImageId=site.image,
        MinCount="1",
        MaxCount="1",
        UserData="not base64!",
    )
    assert "<Code>InvalidUserData.Malformed</Code>" in answer.text
