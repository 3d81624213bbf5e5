"""Ids that cannot be one, and snapshots that do not exist: moto tells neither as EC2 does.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html. Of VPCs and
their parts EC2 says "not found" whatever the id looks like, and so does moto.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.aws.wire import Call

_PREFIXES = {
    "GroupId": ("sg", "InvalidGroupId.Malformed"),
    "ImageId": ("ami", "InvalidAMIID.Malformed"),
    "InstanceId": ("i", "InvalidInstanceID.Malformed"),
    "SecurityGroupId": ("sg", "InvalidGroupId.Malformed"),
    "SnapshotId": ("snap", "InvalidSnapshotID.Malformed"),
    "VolumeId": ("vol", "InvalidVolumeID.Malformed"),
}
"""By a parameter's last name, whatever it is a part of."""
_HEX = re.compile(r"[0-9a-f]{1,17}")


def refuse_malformed(call: Call) -> None:
    """Raises AwsError for the first id that has not the form of its kind."""
    for name, value in call.parameters.items():
        prefix, code = _PREFIXES.get(_last(name), ("", ""))
        if not prefix or name.startswith("Placement."):
            continue
        kind, _, tail = value.partition("-")
        if kind != prefix or not _HEX.fullmatch(tail):
            raise AwsError(code, f'Invalid id: "{value}" (expecting "{prefix}-...")')


def refuse_missing_snapshots(call: Call, ec2: Any) -> None:
    """moto says InvalidSnapshot.NotFound without a word."""
    for name, value in call.parameters.items():
        if _last(name) == "SnapshotId" and value not in ec2.snapshots:
            raise AwsError("InvalidSnapshot.NotFound", f"The snapshot '{value}' does not exist.")


def _last(name: str) -> str:
    return next(part for part in reversed(name.split(".")) if not part.isdecimal())
