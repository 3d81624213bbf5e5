"""What EC2 refuses and moto forgets: dangling references, things in use, limits.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws import (
    addresses,
    instances,
    key_pairs,
    launches,
    networks,
    security_group_rules,
    security_groups,
    tags,
    volumes,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def refuse(operation: str, parameters: dict[str, Any], ec2: Any) -> None:
    """Raise AwsError when EC2 would refuse the operation for a reason that moto does not see.

    `parameters` are nested and named as in the SDK; `ec2` is moto's backend of the region.
    """
    tags.refuse_specifications(operation, parameters)
    check = _CHECKS.get(operation)
    if check:
        check(parameters, ec2)


_CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    **addresses.CHECKS,
    **instances.CHECKS,
    **key_pairs.CHECKS,
    **launches.CHECKS,
    **networks.CHECKS,
    **security_group_rules.CHECKS,
    **security_groups.CHECKS,
    **tags.CHECKS,
    **volumes.CHECKS,
}
