"""Tags that EC2 refuses and moto keeps: of what does not exist, and with reserved keys.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_KEY, LONGEST_VALUE = 128, 256
_LOOKED_UP = {
    "eni": "get_network_interface",
    "i": "get_instance",
    "igw": "get_internet_gateway",
    "rtb": "get_route_table",
    "snap": "get_snapshot",
    "subnet": "get_subnet",
    "vol": "get_volume",
    "vpc": "get_vpc",
}
"""moto's question for each kind of id; it raises what EC2 would say."""


_LAUNCHED = {"instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"}
_TAGGED_AT_ONCE = {
    "AllocateAddress": {"elastic-ip"},
    "AuthorizeSecurityGroupEgress": {"security-group-rule"},
    "AuthorizeSecurityGroupIngress": {"security-group-rule"},
    "CreateImage": {"image", "snapshot"},
    "CreateInternetGateway": {"internet-gateway"},
    "CreateKeyPair": {"key-pair"},
    "CreateRouteTable": {"route-table"},
    "CreateSecurityGroup": {"security-group"},
    "CreateSnapshot": {"snapshot"},
    "CreateSubnet": {"subnet"},
    "CreateVolume": {"volume"},
    "CreateVpc": {"vpc"},
    "ImportKeyPair": {"key-pair"},
    "RunInstances": _LAUNCHED,
}
"""What the operations make; TagSpecifications may speak of nothing else."""


def refuse_specifications(operation: str, parameters: dict[str, Any]) -> None:
    """InvalidParameterValue for tags that an operation cannot give to what it makes."""
    kinds = _TAGGED_AT_ONCE.get(operation)
    if kinds is None:
        return
    for specification in parameters.get("TagSpecifications", []):
        kind = specification.get("ResourceType")
        if kind not in kinds:
            message = f"'{kind}' is not a valid taggable resource type for this operation."
            raise AwsError("InvalidParameterValue", message)
        _refuse_tags(specification.get("Tags", []))


def _create_tags(parameters: dict[str, Any], ec2: Any) -> None:
    _refuse_tags(parameters["Tags"])
    for ident in parameters["Resources"]:
        kind = ident.partition("-")[0]
        if question := _LOOKED_UP.get(kind):
            getattr(ec2, question)(ident)
        if kind == "eipalloc" and not any(one.allocation_id == ident for one in ec2.addresses):
            message = f"The allocation ID '{ident}' does not exist"
            raise AwsError("InvalidAllocationID.NotFound", message)
        if kind == "key" and not any(pair.id == ident for pair in ec2.key_pairs.values()):
            message = f"The key pair ID '{ident}' does not exist"
            raise AwsError("InvalidKeyPair.NotFound", message)


def _refuse_tags(tags: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for tag in tags:
        if tag.get("Key", "") in seen:
            message = f"Duplicate tag key '{tag['Key']}' specified."
            raise AwsError("InvalidParameterValue", message)
        seen.add(tag.get("Key", ""))
        if tag.get("Key", "").lower().startswith("aws:"):
            message = "Tag keys starting with 'aws:' are reserved for internal use"
            raise AwsError("InvalidParameterValue", message)
        if not 1 <= len(tag.get("Key", "")) <= LONGEST_KEY:
            message = f"Tag key length must be between 1 and {LONGEST_KEY}"
            raise AwsError("InvalidParameterValue", message)
        if len(tag.get("Value", "")) > LONGEST_VALUE:
            message = f"Tag value exceeds the maximum length of {LONGEST_VALUE} characters"
            raise AwsError("InvalidParameterValue", message)


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {"CreateTags": _create_tags}
