"""Elastic IPs: what EC2 refuses and moto would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.networks import gateways_of
from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable


def _associate_address(parameters: dict[str, Any], ec2: Any) -> None:
    instance_id = parameters.get("InstanceId")
    if not instance_id:
        return
    instance = ec2.get_instance(instance_id)
    if instance.state not in {"running", "stopped"}:
        raise AwsError(
            "InvalidInstanceID",
            f"The {instance.state} instance '{instance_id}' is not in a valid state for this "
            "operation.",
        )
    vpc_id = instance.vpc_id
    if not gateways_of(ec2, vpc_id):
        raise AwsError(
            "Gateway.NotAttached", f"Network {vpc_id} is not attached to any internet gateway"
        )


def _release_address(parameters: dict[str, Any], ec2: Any) -> None:
    allocation = parameters.get("AllocationId")
    for address in ec2.addresses:
        if address.allocation_id == allocation and address.association_id:
            raise AwsError("InvalidIPAddress.InUse", f"Address {address.public_ip} is in use.")


CHECKS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "AssociateAddress": _associate_address,
    "ReleaseAddress": _release_address,
}
