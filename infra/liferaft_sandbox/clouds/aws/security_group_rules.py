"""Rules of security groups that EC2 refuses and moto keeps.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

_WITH_PORTS = frozenset({"tcp", "udp", "6", "17"})
_BY_NAME = frozenset({"icmp", "icmpv6", "-1"})
_LAST_PORT, _LAST_PROTOCOL = 65535, 255
_LONGEST_DESCRIPTION = 255
_SOURCES = {"IpRanges": "CidrIp", "Ipv6Ranges": "CidrIpv6"}
_NAMED_SOURCES = ("UserIdGroupPairs", "PrefixListIds")
_FLAT_SOURCES = ("CidrIp", "SourceSecurityGroupName", "SourceSecurityGroupOwnerId")


def _authorize(parameters: dict[str, Any], ec2: Any) -> None:
    del ec2
    flat = [parameters] if "IpProtocol" in parameters else []
    rules = parameters.get("IpPermissions") or flat
    if not rules and "SourceSecurityGroupName" not in parameters:
        raise AwsError("MissingParameter", "The request must contain the parameter IpPermissions")
    for rule in rules:
        _rule(str(rule.get("IpProtocol", "-1")), rule.get("FromPort"), rule.get("ToPort"))
        _sources(rule)


def _rule(protocol: str, first: int | None, last: int | None) -> None:
    if protocol in _WITH_PORTS:
        if first is None or last is None:
            raise _invalid("Must specify both from and to ports with TCP/UDP.", "portRange")
        if not 0 <= first <= last <= _LAST_PORT:
            raise _invalid(f"{first}-{last}", "portRange")
    elif protocol not in _BY_NAME and not _is_number(protocol):
        raise _invalid(protocol, "IP protocol")


def _sources(rule: dict[str, Any]) -> None:
    """moto keeps a rule that lets nobody in, and shows Python's words for what is no range."""
    named = [item for kind in _NAMED_SOURCES for item in rule.get(kind, [])]
    ranges = [
        (item.get(name), item) for kind, name in _SOURCES.items() for item in rule.get(kind, [])
    ]
    if "CidrIp" in rule:
        ranges.append((rule["CidrIp"], rule))
    if not named and not ranges and not any(name in rule for name in _FLAT_SOURCES):
        message = "The request must contain the parameter ipRanges or groups"  # assumed
        raise AwsError("MissingParameter", message)
    for cidr, _ in ranges:
        if cidr is None or not _is_range(cidr):
            raise AwsError("InvalidParameterValue", f"CIDR block {cidr} is malformed")
    for item in (*named, *(item for _, item in ranges)):
        if len(item.get("Description", "")) > _LONGEST_DESCRIPTION:
            message = "Invalid rule description. Rule descriptions can be up to 255 characters."
            raise AwsError("InvalidParameterValue", message)


def _is_range(cidr: str) -> bool:
    try:
        ipaddress.ip_network(cidr)
    except ValueError:
        return False
    return "/" in cidr


def _revoke(parameters: dict[str, Any], ec2: Any) -> None:
    group = ec2.get_security_group_from_id(parameters.get("GroupId", ""))
    if group is None:
        return  # moto refuses it
    known = {rule.id for rule in (*group.ingress_rules, *group.egress_rules)}
    for ident in parameters.get("SecurityGroupRuleIds", []):
        if ident not in known:
            message = f"The security group rule ID '{ident}' does not exist"
            raise AwsError("InvalidSecurityGroupRuleId.NotFound", message)


def _is_number(protocol: str) -> bool:
    return protocol.isdecimal() and int(protocol) <= _LAST_PROTOCOL


def _invalid(value: str, name: str) -> AwsError:
    return AwsError("InvalidParameterValue", f"Invalid value '{value}' for {name}.")


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "AuthorizeSecurityGroupIngress": _authorize,
    "AuthorizeSecurityGroupEgress": _authorize,
    "RevokeSecurityGroupIngress": _revoke,
    "RevokeSecurityGroupEgress": _revoke,
}
