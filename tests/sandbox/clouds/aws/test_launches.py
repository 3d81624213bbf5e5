"""Launches that EC2 refuses, and what an instance is launched with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site

pytestmark = pytest.mark.sandbox  # each begins with an empty region


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SubnetId": "subnet-0123456789abcdef0"}, "InvalidSubnetID.NotFound"),
        ({"SecurityGroupIds": ["sg-0123456789abcdef0"]}, "InvalidGroup.NotFound"),
        ({"KeyName": "nobody"}, "InvalidKeyPair.NotFound"),
        ({"ImageId": "ami-0123456789abcdef0"}, "InvalidAMIID.NotFound"),
        ({"InstanceType": "t3.gigantic"}, "InvalidParameterValue"),
        ({"InstanceType": "t4g.small"}, "InvalidParameterValue"),
        ({"MinCount": 2, "MaxCount": 1}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.9.9"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "nine"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.1.1"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.0.1.255"}, "InvalidParameterValue"),
        ({"SecurityGroups": ["default"]}, "InvalidParameterCombination"),
        ({"IamInstanceProfile": {"Name": "nobody"}}, "InvalidParameterValue"),
        ({"Placement": {"AvailabilityZone": "us-east-1q"}}, "InvalidParameterValue"),
        ({"TagSpecifications": [{"ResourceType": "vpc"}]}, "InvalidParameterValue"),
        (
            {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 2}}]},
            "InvalidBlockDeviceMapping",
        ),
        ({"MaxCount": 1000}, "InstanceLimitExceeded"),
        (
            {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": -1}}]},
            "InvalidParameterValue",
        ),
    ],
)
def test_an_instance_with_a_dangling_reference_is_refused(
    cloud: Cloud, ec2: Any, site: Site, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        ec2.run_instances(**site.server(**changes))
    assert refused.value.response["Error"]["Code"] == code
    assert cloud.machines.all() == ()


def test_an_interface_does_not_conjure_up_a_security_group(ec2: Any, site: Site) -> None:
    server = site.server(
        NetworkInterfaces=[
            {"DeviceIndex": 0, "SubnetId": site.subnet, "Groups": ["sg-0123456789abcdef0"]}
        ]
    )
    del server["SubnetId"], server["SecurityGroupIds"]
    with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
        ec2.run_instances(**server)


@pytest.mark.fidelity
def test_a_group_is_looked_for_in_the_network_that_is_meant(ec2: Any, site: Site) -> None:
    server = site.server()
    del server["SubnetId"]
    with pytest.raises(ClientError, match="belong to different networks"):
        ec2.run_instances(**server)
    del server["SecurityGroupIds"]
    with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
        ec2.run_instances(**server, SecurityGroups=["nobody"])


@pytest.mark.fidelity
def test_a_root_disk_without_a_size_has_the_images(ec2: Any, site: Site) -> None:
    (image,) = ec2.describe_images(ImageIds=[site.image])["Images"]
    (disk,) = image["BlockDeviceMappings"]
    for mapping in ([{"DeviceName": "/dev/xvda", "Ebs": {"VolumeType": "gp3"}}], []):
        made = ec2.run_instances(**site.server(BlockDeviceMappings=mapping))["Instances"][0]
        at = [{"Name": "attachment.instance-id", "Values": [made["InstanceId"]]}]
        (root,) = ec2.describe_volumes(Filters=at)["Volumes"]
        assert (root["Size"], root["Attachments"][0]["Device"]) == (
            disk["Ebs"]["VolumeSize"],
            "/dev/xvda",
        )


@pytest.mark.fidelity
def test_a_group_of_another_network_is_refused(ec2: Any, site: Site) -> None:
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="x", Description="x", VpcId=other)["GroupId"]
    with pytest.raises(ClientError, match="belong to different networks"):
        ec2.run_instances(**site.server(SecurityGroupIds=[group]))
