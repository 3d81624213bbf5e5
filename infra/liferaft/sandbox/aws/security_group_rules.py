"""Rules of security groups that EC2 refuses and moto keeps.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft.sandbox.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

_WITH_PORTS = frozenset({"tcp", "udp", "6", "17"})
_BY_NAME = frozenset({"icmp", "icmpv6", "-1"})
_LAST_PORT, _LAST_PROTOCOL = 65535, 255


def _authorize(parameters: dict[str, Any], ec2: Any) -> None:
    del ec2
    flat = [parameters] if "IpProtocol" in parameters else []
    rules = parameters.get("IpPermissions") or flat
    if not rules and "SourceSecurityGroupName" not in parameters:
        raise AwsError("MissingParameter", "The request must contain the parameter IpPermissions")
    for rule in rules:
        _rule(str(rule.get("IpProtocol", "-1")), rule.get("FromPort"), rule.get("ToPort"))


def _rule(protocol: str, first: int | None, last: int | None) -> None:
    if protocol in _WITH_PORTS:
        if first is None or last is None:
            raise _invalid("Must specify both from and to ports with TCP/UDP.", "portRange")
        if not 0 <= first <= last <= _LAST_PORT:
            raise _invalid(f"{first}-{last}", "portRange")
    elif protocol not in _BY_NAME and not _is_number(protocol):
        raise _invalid(protocol, "IP protocol")


def _is_number(protocol: str) -> bool:
    return protocol.isdecimal() and int(protocol) <= _LAST_PROTOCOL


def _invalid(value: str, name: str) -> AwsError:
    return AwsError("InvalidParameterValue", f"Invalid value '{value}' for {name}.")


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "AuthorizeSecurityGroupIngress": _authorize,
    "AuthorizeSecurityGroupEgress": _authorize,
}
