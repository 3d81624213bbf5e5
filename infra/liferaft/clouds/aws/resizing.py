"""Another type for a server that exists: EC2 changes it only while the instance is stopped.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-resize.html
"""

from collections.abc import Callable, Sequence
from typing import Any

from liferaft.clouds.aws import instances
from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.classification import REPEATABLE, CloudFailure, Verdict
from liferaft.clouds.placing import Room, first_with_room, rooms
from liferaft.clouds.sizes import Size


def resize(
    access: AwsAccess, row: Any, choices: Sequence[Size], start: Callable[[str], None]
) -> None:
    """Stops the instance, gives it the first of `choices` that its zone has room for, starts it.

    Where there is room for none it gets its old type back and runs again, and the refusal is
    raised.
    """
    ident, before = row["InstanceId"], row["InstanceType"]

    def attempt(room: Room) -> None:
        _change(access, ident, room.size.name)
        start(ident)

    _stop(access, ident)
    try:
        first_with_room(rooms(choices, [row["Placement"]["AvailabilityZone"]]), attempt)
    except CloudFailure as failure:
        if failure.classification.verdict in (Verdict.CAPACITY, Verdict.QUOTA, Verdict.REFUSED):
            _change(access, ident, before)
            start(ident)
        raise


def _stop(access: AwsAccess, ident: str) -> None:
    def stop() -> None:
        if instances.state_of(access, ident) in ("pending", "running"):
            access.ec2.stop_instances(InstanceIds=[ident])

    access.plane.ask(f"stopping server {ident}", stop, safe=REPEATABLE)
    access.plane.wait_for(
        f"server {ident} to stop",
        lambda: instances.state_of(access, ident) == "stopped" or None,
        seconds=access.plane.patience.ready,
    )


def _change(access: AwsAccess, ident: str, name: str) -> None:
    access.plane.ask(
        f"making server {ident} a {name}",
        lambda: access.ec2.modify_instance_attribute(
            InstanceId=ident, InstanceType={"Value": name}
        ),
        safe=REPEATABLE,
    )
