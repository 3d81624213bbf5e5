"""Security groups that EC2 would not make, or not delete.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.networks import in_use
from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = re.compile(r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")


def _create_security_group(parameters: dict[str, Any], ec2: Any) -> None:
    if "VpcId" in parameters:
        ec2.get_vpc(parameters["VpcId"])
    name = parameters["GroupName"]
    for said, value in (("GroupName", name), ("GroupDescription", parameters["Description"])):
        if not _WORDS.fullmatch(value):
            message = f"Value ({value}) for parameter {said} is invalid."
            raise AwsError("InvalidParameterValue", message)
    if name.startswith("sg-"):
        message = "Invalid security group name. Group names may not be in the format sg-*"
        raise AwsError("InvalidParameterValue", message)
    if name == "default":
        message = "Cannot use reserved security group name: default"
        raise AwsError("InvalidParameterValue", message)


def _delete_security_group(parameters: dict[str, Any], ec2: Any) -> None:
    group_id = parameters.get("GroupId")
    group = ec2.get_security_group_from_id(group_id) if group_id else None
    if group is None:
        return
    if group.is_default:
        raise AwsError(
            "CannotDelete", f'the specified group: "{group_id}" name: "default" cannot be deleted'
        )
    worn = any(g.id == group_id for eni in ec2.enis.values() for g in eni.group_set)
    named = any(
        rule.source_group.get("GroupId") == group_id
        for groups in ec2.groups.values()
        for other in groups.values()
        if other.id != group_id
        for rule in (*other.ingress_rules, *other.egress_rules)
    )
    if worn or named:
        raise in_use(f"resource {group_id} has a dependent object")


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "CreateSecurityGroup": _create_security_group,
    "DeleteSecurityGroup": _delete_security_group,
}
