"""EC2 instances as others look at them."""

from typing import TYPE_CHECKING, Any

from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.kinds import ServerFacts
from liferaft.clouds.refusals import gone

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

LIVE = ("pending", "running", "stopping", "stopped")


def described(access: AwsAccess, ident: str) -> Any | None:
    """The instance's row, also for a while after it was terminated."""
    answer = access.plane.look_up(
        f"reading server {ident}",
        lambda: access.ec2.describe_instances(InstanceIds=[ident])["Reservations"],
    )
    rows = [row for reservation in answer or [] for row in reservation["Instances"]]
    return rows[0] if rows else None


def state_of(access: AwsAccess, ident: str) -> str | None:
    row = described(access, ident)
    return None if row is None else str(row["State"]["Name"])


def alive(access: AwsAccess, ident: str) -> Any | None:
    """The row of an instance that is not terminated."""
    row = described(access, ident)
    return row if row is not None and row["State"]["Name"] in LIVE else None


def require_instance(access: AwsAccess, ident: str) -> Any:
    """As `alive`; Refused when it is gone. An instance just created may take a moment."""
    row = access.plane.look_for(lambda: alive(access, ident))
    if row is None:
        raise gone("aws", "server", ident)
    return row


def listed(access: AwsAccess, filters: "list[FilterTypeDef]") -> list[Any]:
    """All that match, also those that were terminated in the last hour."""
    pages = access.ec2.get_paginator("describe_instances").paginate(Filters=filters)
    return [
        row
        for page in pages
        for reservation in page["Reservations"]
        for row in reservation["Instances"]
    ]


def live(access: AwsAccess, filters: "list[FilterTypeDef]") -> list[Any]:
    """All that match and are not terminated."""
    return listed(access, [*filters, {"Name": "instance-state-name", "Values": LIVE}])


def facts(row: Any) -> ServerFacts:
    return ServerFacts(
        row["InstanceId"],
        row.get("PrivateIpAddress", ""),
        row.get("PublicIpAddress", ""),
        row["InstanceType"],
        row["Placement"]["AvailabilityZone"],
    )
