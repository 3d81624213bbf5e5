"""What a security group's rule may say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Site


@pytest.mark.fidelity
@pytest.mark.parametrize(
    ("protocol", "first", "last"), [("tcp", 1, 99999), ("udp", 9, 1), ("xyz", 1, 1)]
)
def test_a_rule_for_no_port_or_protocol_is_refused(
    ec2: Any, site: Site, protocol: str, first: int, last: int
) -> None:
    rule = {"IpProtocol": protocol, "FromPort": first, "ToPort": last}
    everybody = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        ec2.authorize_security_group_ingress(
            GroupId=site.group, IpPermissions=[{**rule, **everybody}]
        )


@pytest.mark.fidelity
def test_a_rule_needs_its_ports(ec2: Any, site: Site) -> None:
    with pytest.raises(ClientError, match="both from and to ports"):
        ec2.authorize_security_group_ingress(
            GroupId=site.group, IpProtocol="tcp", CidrIp="0.0.0.0/0"
        )
    with pytest.raises(ClientError, match="MissingParameter"):
        ec2.authorize_security_group_ingress(GroupId=site.group)


SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}


@pytest.mark.fidelity
@pytest.mark.parametrize(
    ("peers", "code"),
    [
        ({}, "MissingParameter"),
        ({"IpRanges": [{"CidrIp": "300.0.0.0/8"}]}, "InvalidParameterValue"),
        ({"IpRanges": [{"CidrIp": "10.0.0.1"}]}, "InvalidParameterValue"),
        ({"Ipv6Ranges": [{"CidrIpv6": "everybody"}]}, "InvalidParameterValue"),
        (
            {"IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "x" * 256}]},
            "InvalidParameterValue",
        ),
    ],
)
def test_a_rule_says_who_may_come_in(
    ec2: Any, site: Site, peers: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match=code):
        ec2.authorize_security_group_ingress(GroupId=site.group, IpPermissions=[{**SSH, **peers}])


@pytest.mark.fidelity
def test_a_rule_with_host_bits_is_for_the_network_that_they_are_in(ec2: Any, site: Site) -> None:
    peers = {"IpRanges": [{"CidrIp": "100.68.0.18/18"}]}
    made = ec2.authorize_security_group_ingress(
        GroupId=site.group, IpPermissions=[{**SSH, **peers}]
    )
    (rule,) = made["SecurityGroupRules"]
    assert rule["CidrIpv4"] == "100.68.0.0/18"


def test_a_rule_that_is_not_there_cannot_be_revoked(ec2: Any, site: Site) -> None:
    with pytest.raises(ClientError, match=r"InvalidSecurityGroupRuleId\.NotFound"):
        ec2.revoke_security_group_ingress(
            GroupId=site.group, SecurityGroupRuleIds=["sgr-0123456789abcdef0"]
        )
