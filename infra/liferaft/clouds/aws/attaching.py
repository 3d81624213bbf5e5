"""Volumes at instances: at most one each, and within one zone."""

from collections.abc import Sequence
from typing import Any

from liferaft.clouds.aws import instances
from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.classification import REPEATABLE, CloudFailure
from liferaft.clouds.refusals import in_another_zone
from liferaft.failures import Own, Refused

# https://docs.aws.amazon.com/ebs/latest/userguide/device_naming.html
DEVICES = tuple(f"/dev/sd{letter}" for letter in "fghijklmnop")
_GOING = ("detaching", "detached")


def volume(access: AwsAccess, ident: str) -> Any | None:
    """The volume's row; None when it is gone or going."""
    answer = access.plane.look_up(
        f"reading volume {ident}",
        lambda: access.ec2.describe_volumes(VolumeIds=[ident])["Volumes"],
    )
    rows = [row for row in answer or [] if row["State"] not in ("deleting", "deleted")]
    return rows[0] if rows else None


def put_at(access: AwsAccess, row: Any, server: str) -> None:
    """Attached to the server, and to no other, on return. Raises Refused in another zone."""
    ident = row["VolumeId"]
    if server not in _holders(row):
        there = instances.require_instance(access, server)
        zone, servers = row["AvailabilityZone"], there["Placement"]["AvailabilityZone"]
        if zone != servers:
            raise in_another_zone("aws", ident, zone=zone, server=server, servers=servers)
        detach(access, row)
        _attach(access, ident, server)
    access.plane.wait_for(
        f"volume {ident} to be attached to server {server}",
        lambda: _is_at(access, ident, server) or None,
        seconds=access.plane.patience.ready,
    )


def detach(access: AwsAccess, row: Any) -> None:
    """Free on return. A server that has it mounted lets go only once it is unmounted."""
    ident = row["VolumeId"]

    def let_go() -> None:
        now = volume(access, ident)
        for one in [] if now is None else now["Attachments"]:
            if one["State"] not in _GOING:
                access.ec2.detach_volume(VolumeId=ident, InstanceId=one["InstanceId"])

    def is_free() -> bool | None:
        now = volume(access, ident)
        return True if now is None or now["State"] == "available" else None

    if row["State"] == "available":
        return
    access.plane.ask(f"detaching volume {ident}", let_go, safe=REPEATABLE)
    access.plane.wait_for(
        f"volume {ident} to be detached", is_free, seconds=access.plane.patience.gone
    )


def _attach(access: AwsAccess, ident: str, server: str) -> None:
    """At the first free device; another volume may take it in the meantime."""

    def attach() -> None:
        now = volume(access, ident)
        if now is None or server not in _holders(now):
            device = _free_devices(instances.require_instance(access, server))[0]
            access.ec2.attach_volume(VolumeId=ident, InstanceId=server, Device=device)

    for left in reversed(range(len(DEVICES))):
        try:
            access.plane.ask(f"attaching volume {ident} to {server}", attach, safe=REPEATABLE)
        except CloudFailure as failure:
            if not left or "already in use" not in failure.classification.message:
                raise
        else:
            return


def _free_devices(server: Any) -> Sequence[str]:
    """Raises Refused when there is none."""
    used = {mapping["DeviceName"] for mapping in server.get("BlockDeviceMappings", [])}
    free = [device for device in DEVICES if device not in used]
    if not free:
        raise Refused(
            f"aws: server {server['InstanceId']} has {len(DEVICES)} volumes already",
            safe=Own("The volume was left as it is."),
            do="Put fewer volumes on one server.",
        )
    return free


def _holders(row: Any) -> set[str]:
    return {one["InstanceId"] for one in row["Attachments"] if one["State"] not in _GOING}


def _is_at(access: AwsAccess, ident: str, server: str) -> bool:
    now = volume(access, ident)
    return now is not None and any(
        one["InstanceId"] == server and one["State"] == "attached" for one in now["Attachments"]
    )
