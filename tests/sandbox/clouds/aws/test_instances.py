"""What may be done to an instance in its state, and what of it can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.sandbox.clouds.aws.refusing import refused

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site

pytestmark = pytest.mark.sandbox  # each begins with an empty region


def row(ec2: Any, instance: str) -> dict[str, Any]:
    (reservation,) = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    found: dict[str, Any] = reservation["Instances"][0]
    return found


@pytest.fixture
def running(ec2: Any, cloud: Cloud, site: Site) -> str:
    ident = ec2.run_instances(**site.server())["Instances"][0]["InstanceId"]
    cloud.machines.boot()
    ec2.describe_instances(InstanceIds=[ident])
    return str(ident)


@pytest.fixture
def stopped(ec2: Any, running: str) -> str:
    ec2.stop_instances(InstanceIds=[running])
    assert row(ec2, running)["State"]["Name"] == "stopped"
    return running


def group_named(ec2: Any, site: Site, name: str) -> str:
    group = ec2.create_security_group(GroupName=name, Description=name, VpcId=site.vpc)
    return str(group["GroupId"])


def test_a_terminated_instance_does_not_come_back(cloud: Cloud, ec2: Any, running: str) -> None:
    ec2.terminate_instances(InstanceIds=[running])
    refused("IncorrectInstanceState", ec2.stop_instances, InstanceIds=[running])
    refused("IncorrectInstanceState", ec2.start_instances, InstanceIds=[running])
    assert cloud.machines.all() == ()


def test_a_terminated_instance_may_be_terminated_again(ec2: Any, running: str) -> None:
    ec2.terminate_instances(InstanceIds=[running])
    ec2.terminate_instances(InstanceIds=[running])
    assert row(ec2, running)["State"]["Name"] == "terminated"
    (gone,) = ec2.terminate_instances(InstanceIds=[running])["TerminatingInstances"]
    assert gone["PreviousState"]["Name"] == "terminated"


@pytest.mark.fidelity
def test_a_group_that_is_not_there_leaves_the_cloud_as_it_was(
    cloud: Cloud, ec2: Any, site: Site, running: str
) -> None:
    nobody = {"InstanceId": running, "Groups": ["sg-0123456789abcdef0"]}
    refused("InvalidGroup.NotFound", ec2.modify_instance_attribute, **nobody)
    assert [group["GroupId"] for group in row(ec2, running)["SecurityGroups"]] == [site.group]
    ec2.create_tags(Resources=[running], Tags=[{"Key": "app", "Value": "web"}])
    assert len(cloud.machines.all()) == 1


@pytest.mark.fidelity
def test_an_instance_lets_in_what_its_new_groups_do_and_no_more(
    cloud: Cloud, ec2: Any, site: Site, running: str
) -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    everybody = {**rule, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=site.group, IpPermissions=[everybody])
    assert len(cloud.machines.only().rules) == 1
    closed = group_named(ec2, site, "closed")
    ec2.modify_instance_attribute(InstanceId=running, Groups=[closed])
    assert cloud.machines.only().rules == ()
    assert [group["GroupId"] for group in row(ec2, running)["SecurityGroups"]] == [closed]


@pytest.mark.fidelity
def test_an_instance_tells_the_groups_of_its_first_interface(ec2: Any, site: Site) -> None:
    server = site.server()
    del server["SubnetId"], server["SecurityGroupIds"]
    nic = {"DeviceIndex": 0, "SubnetId": site.subnet, "Groups": [site.group]}
    made = ec2.run_instances(**server, NetworkInterfaces=[nic])["Instances"][0]
    assert [group["GroupId"] for group in made["SecurityGroups"]] == [site.group]
    said = ec2.describe_instance_attribute(InstanceId=made["InstanceId"], Attribute="groupSet")
    assert [group["GroupId"] for group in said["Groups"]] == [site.group]


@pytest.mark.fidelity
def test_other_attributes_do_not_take_the_groups_away(ec2: Any, site: Site, running: str) -> None:
    behaviour = {"InstanceInitiatedShutdownBehavior": {"Value": "terminate"}}
    ec2.modify_instance_attribute(InstanceId=running, **behaviour)
    unknown = {"InstanceId": running, "EnaSupport": {"Value": True}}
    refused("UnsupportedOperation", ec2.modify_instance_attribute, **unknown)
    assert [group["GroupId"] for group in row(ec2, running)["SecurityGroups"]] == [site.group]


@pytest.mark.fidelity
def test_one_attribute_is_changed_at_a_time(ec2: Any, running: str) -> None:
    both = {"EbsOptimized": {"Value": True}, "SourceDestCheck": {"Value": False}}
    refused(
        "InvalidParameterCombination", ec2.modify_instance_attribute, InstanceId=running, **both
    )
    refused("InvalidParameterCombination", ec2.modify_instance_attribute, InstanceId=running)


@pytest.mark.fidelity
@pytest.mark.parametrize(
    "change",
    [
        {"UserData": {"Value": b"#!/bin/sh"}},
        {"Attribute": "instanceType", "Value": "t3.large"},  # as the aws command says it
        {"Attribute": "userData", "Value": "IyEvYmluL3No"},
    ],
)
def test_what_a_boot_reads_is_changed_while_stopped(
    ec2: Any, running: str, change: dict[str, Any]
) -> None:
    refused("IncorrectInstanceState", ec2.modify_instance_attribute, InstanceId=running, **change)


@pytest.mark.fidelity
def test_the_type_may_be_changed_in_the_older_form(ec2: Any, stopped: str) -> None:
    change = {"InstanceId": stopped, "Attribute": "instanceType"}
    ec2.modify_instance_attribute(**change, Value="t3.large")
    assert row(ec2, stopped)["InstanceType"] == "t3.large"
    refused("InvalidParameterValue", ec2.modify_instance_attribute, **change, Value="t4g.small")


@pytest.mark.fidelity
def test_other_user_data_is_what_a_machine_is_made_with(
    cloud: Cloud, ec2: Any, stopped: str
) -> None:
    change = {"InstanceId": stopped, "UserData": {"Value": b"#!/bin/sh\necho again\n"}}
    ec2.modify_instance_attribute(**change)
    assert cloud.machines.only().user_data == b"#!/bin/sh\necho again\n"
    change["UserData"] = {"Value": b"x" * 16385}
    refused("InvalidParameterValue", ec2.modify_instance_attribute, **change)


@pytest.mark.fidelity
def test_user_data_that_is_no_base64_leaves_the_cloud_as_it_was(
    cloud: Cloud, ec2: Any, stopped: str
) -> None:
    change = {"InstanceId": stopped, "Attribute": "userData", "Value": "#!/bin/sh"}
    refused("InvalidUserData.Malformed", ec2.modify_instance_attribute, **change)
    ec2.start_instances(InstanceIds=[stopped])
    assert cloud.machines.only().running


@pytest.mark.fidelity
def test_what_may_not_be_stopped_runs_on(ec2: Any, running: str) -> None:
    ec2.modify_instance_attribute(InstanceId=running, DisableApiStop={"Value": True})
    refused("OperationNotPermitted", ec2.stop_instances, InstanceIds=[running])


@pytest.mark.fidelity
def test_without_its_root_disk_an_instance_neither_starts_nor_becomes_an_image(
    ec2: Any, stopped: str
) -> None:
    (disk,) = row(ec2, stopped)["BlockDeviceMappings"]
    ec2.detach_volume(VolumeId=disk["Ebs"]["VolumeId"])
    refused("InvalidParameterValue", ec2.start_instances, InstanceIds=[stopped])
    refused("InvalidParameterValue", ec2.create_image, InstanceId=stopped, Name="empty")


@pytest.mark.fidelity
def test_a_reboot_of_nothing_is_refused_as_such(ec2: Any, running: str) -> None:
    refused("InvalidInstanceID.NotFound", ec2.reboot_instances, InstanceIds=["i-0123"])
    refused("UnsupportedOperation", ec2.reboot_instances, InstanceIds=[running])


def test_an_address_moves_to_another_instance_unless_that_is_forbidden(
    cloud: Cloud, ec2: Any, site: Site, running: str
) -> None:
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.associate_address(AllocationId=address, InstanceId=running)
    other = ec2.run_instances(**site.server())["Instances"][0]["InstanceId"]
    cloud.machines.boot()
    ec2.describe_instances(InstanceIds=[other])
    move = {"AllocationId": address, "InstanceId": other}
    never = {**move, "AllowReassociation": False}
    refused("Resource.AlreadyAssociated", ec2.associate_address, **never)
    ec2.associate_address(**move)
    (found,) = ec2.describe_addresses(AllocationIds=[address])["Addresses"]
    assert found["InstanceId"] == other
