"""Want of room for instances, where the lab says so.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ec2.models.instances import StateReason

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from liferaft_sandbox.clouds.standing import Standing

CODE = "InsufficientInstanceCapacity"


def refuse_without_room(
    standing: Standing, operation: str, parameters: dict[str, Any], ec2: Any
) -> None:
    """Raises AwsError when a launch or a start would be one too many in its zone."""
    for zone, machine_type in _asked_for(operation, parameters, ec2):
        if standing.lacks_room(zone, machine_type):
            raise AwsError(CODE, _message(zone, machine_type), 500)


def end_without_room(standing: Standing, launched: Iterable[Any]) -> None:
    """Ends launched instances that turn out to have no room."""
    for instance in launched:
        zone, machine_type = instance.placement.zone, instance.instance_type
        if standing.fails_later(zone, machine_type):
            instance.terminate()
            instance.state_reason = StateReason(
                f"Server.{CODE}: {_message(zone, machine_type)}", f"Server.{CODE}"
            )


def _asked_for(operation: str, parameters: dict[str, Any], ec2: Any) -> Iterator[tuple[str, str]]:
    """Zones and types that the call needs room in."""
    if operation == "RunInstances":
        nics = parameters.get("NetworkInterfaces", [])
        place = nics[0].get("SubnetId") if nics else parameters.get("SubnetId")
        placement = parameters.get("Placement", {}).get("AvailabilityZone")
        zone = ec2.get_subnet(place).availability_zone if place else placement
        yield zone or f"{ec2.region_name}a", parameters.get("InstanceType", "m1.small")
    if operation == "StartInstances":
        for ident in parameters["InstanceIds"]:
            instance = ec2.get_instance(ident)
            yield instance.placement.zone, instance.instance_type


def _message(zone: str, machine_type: str) -> str:
    return (
        f"We currently do not have sufficient {machine_type} capacity in the Availability Zone "
        f"you requested ({zone}). Our system will be working on provisioning additional capacity."
    )
