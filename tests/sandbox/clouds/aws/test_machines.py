"""Instances become machines, and follow what happens to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud, Site


def state_of(ec2: Any, instance_id: str) -> str:
    (reservation,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    return str(reservation["Instances"][0]["State"]["Name"])


def started(cloud: Cloud, ec2: Any, site: Site, **changes: Any) -> str:
    instance = ec2.run_instances(**site.server(**changes))["Instances"][0]["InstanceId"]
    cloud.machines.boot()
    return str(instance)


def test_an_instance_is_pending_until_its_machine_runs(cloud: Cloud, ec2: Any, site: Site) -> None:
    instance = ec2.run_instances(**site.server())["Instances"][0]
    assert instance["State"]["Name"] == "pending"
    assert state_of(ec2, instance["InstanceId"]) == "pending"
    cloud.machines.boot()
    assert state_of(ec2, instance["InstanceId"]) == "running"


def test_a_machine_gets_exactly_the_user_data_bytes_of_the_call(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    script = "#!/bin/sh\necho 'äöü' \\\n"
    ec2.run_instances(**site.server(UserData=script))
    assert cloud.machines.only().user_data == script.encode()


def test_user_data_past_sixteen_kibibytes_is_refused(ec2: Any, site: Site) -> None:
    ec2.run_instances(**site.server(UserData="x" * 16384))
    with pytest.raises(ClientError, match="User data is limited to 16384 bytes"):
        ec2.run_instances(**site.server(UserData="x" * 16385))


def test_private_addresses_come_from_the_subnet_and_public_ones_from_the_cloud(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    ec2.modify_subnet_attribute(SubnetId=site.subnet, MapPublicIpOnLaunch={"Value": True})
    ec2.run_instances(**site.server(MinCount=1, MaxCount=2))
    first, second = cloud.machines.all()
    assert (first.private_address, second.private_address) == ("10.0.1.4", "10.0.1.5")
    assert (first.public_address, second.public_address) == ("192.0.2.100", "192.0.2.101")
    assert first.network == site.vpc
    assert first.hostname == "ip-10-0-1-4"


def test_a_public_address_is_dead_without_a_route_to_an_internet_gateway(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    island = ec2.create_subnet(VpcId=site.vpc, CidrBlock="10.0.2.0/24")["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=island, MapPublicIpOnLaunch={"Value": True})
    ec2.run_instances(**site.server(SubnetId=island))
    assert cloud.machines.only().public_address is None


def test_an_elastic_ip_replaces_the_address_of_the_machine(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    address = ec2.allocate_address(Domain="vpc")
    instance = started(cloud, ec2, site)
    assert cloud.machines.only().public_address is None
    with pytest.raises(ClientError, match=r"InvalidAllocationID\.NotFound"):
        ec2.associate_address(AllocationId="eipalloc-0", InstanceId=instance)
    associated = ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=instance)
    assert cloud.machines.only().public_address == address["PublicIp"] == "192.0.2.100"
    with pytest.raises(ClientError, match=r"InvalidIPAddress\.InUse"):
        ec2.release_address(AllocationId=address["AllocationId"])
    ec2.disassociate_address(AssociationId=associated["AssociationId"])
    assert cloud.machines.only().public_address is None
    ec2.release_address(AllocationId=address["AllocationId"])


def test_an_address_cannot_be_associated_while_the_instance_is_pending(
    ec2: Any, site: Site
) -> None:
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    instance = ec2.run_instances(**site.server())["Instances"][0]["InstanceId"]
    with pytest.raises(ClientError, match="The pending instance"):
        ec2.associate_address(AllocationId=address, InstanceId=instance)


def test_a_terminated_instance_takes_its_machine_with_it_and_frees_its_address(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    instance = started(cloud, ec2, site)
    ec2.associate_address(AllocationId=address, InstanceId=instance)
    answer = ec2.terminate_instances(InstanceIds=[instance])
    assert answer["TerminatingInstances"][0]["CurrentState"]["Name"] == "shutting-down"
    assert cloud.machines.all() == ()
    assert state_of(ec2, instance) == "terminated"
    ec2.release_address(AllocationId=address)
    ec2.delete_subnet(SubnetId=site.subnet)


def test_an_instance_stops_and_starts_with_its_machine(cloud: Cloud, ec2: Any, site: Site) -> None:
    instance = started(cloud, ec2, site)
    assert state_of(ec2, instance) == "running"
    ec2.stop_instances(InstanceIds=[instance])
    assert not cloud.machines.only().running
    assert state_of(ec2, instance) == "stopped"
    ec2.start_instances(InstanceIds=[instance])
    assert cloud.machines.only().running
    assert state_of(ec2, instance) == "pending"
    cloud.machines.boot()
    assert state_of(ec2, instance) == "running"


def test_ingress_rules_reach_the_machine_and_groups_stand_for_their_members(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    ec2.authorize_security_group_ingress(
        GroupId=site.group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 80,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "198.18.0.0/15"}],
            },
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": site.group}]},
        ],
    )
    ec2.run_instances(**site.server())
    ec2.run_instances(**site.server())
    rules = {
        (rule.protocol, rule.first_port, rule.last_port, *rule.sources)
        for rule in cloud.machines.all()[0].rules
    }
    assert rules == {
        ("tcp", 80, 443, "0.0.0.0/0"),
        ("tcp", 80, 443, "198.18.0.0/15"),
        ("all", 0, 65535, "10.0.1.4/32", "10.0.1.5/32"),
    }
    ec2.revoke_security_group_ingress(
        GroupId=site.group,
        IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": site.group}]}],
    )
    assert len(cloud.machines.all()[0].rules) == 2


@pytest.mark.fidelity
def test_a_server_without_a_subnet_lands_in_the_default_network_and_is_reachable(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    server = site.server()
    del server["SubnetId"], server["SecurityGroupIds"]
    ec2.run_instances(**server)
    machine = cloud.machines.only()
    assert machine.public_address == "192.0.2.100"
    assert cloud.machines.desired is not None
    assert machine.network in {network.id for network in cloud.machines.desired.networks}


def test_the_public_half_of_the_key_pair_reaches_the_machine(
    cloud: Cloud, ec2: Any, site: Site
) -> None:
    ec2.run_instances(**site.server())
    (key,) = cloud.machines.only().authorized_keys
    assert key.startswith("ssh-ed25519 AAAA")


def test_reading_changes_nothing(cloud: Cloud, ec2: Any, site: Site) -> None:
    del site
    before = cloud.machines.reconciled
    ec2.describe_vpcs()
    ec2.describe_instances()
    assert cloud.machines.reconciled == before
