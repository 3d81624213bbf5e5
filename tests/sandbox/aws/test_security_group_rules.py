"""What a security group's rule may say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.aws.conftest import Site


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


def test_a_rule_needs_its_ports(ec2: Any, site: Site) -> None:
    with pytest.raises(ClientError, match="both from and to ports"):
        ec2.authorize_security_group_ingress(
            GroupId=site.group, IpProtocol="tcp", CidrIp="0.0.0.0/0"
        )
    with pytest.raises(ClientError, match="MissingParameter"):
        ec2.authorize_security_group_ingress(GroupId=site.group)
