"""Ids that are none, and what is said of a snapshot that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.sandbox.clouds.aws.conftest import Cloud

pytestmark = pytest.mark.fidelity


@pytest.mark.parametrize(
    ("operation", "argument", "code"),
    [
        ("describe_instances", {"InstanceIds": ["nonsense"]}, "InvalidInstanceID.Malformed"),
        ("describe_security_groups", {"GroupIds": ["i-0123"]}, "InvalidGroupId.Malformed"),
        ("delete_volume", {"VolumeId": "vol-xyz"}, "InvalidVolumeID.Malformed"),
        ("deregister_image", {"ImageId": "debian"}, "InvalidAMIID.Malformed"),
        ("delete_snapshot", {"SnapshotId": "snap"}, "InvalidSnapshotID.Malformed"),
    ],
)
def test_an_id_of_another_form_is_malformed(
    ec2: Any, operation: str, argument: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError, match="expecting") as refused:
        getattr(ec2, operation)(**argument)
    assert refused.value.response["Error"]["Code"] == code


def test_the_groups_of_an_interface_are_looked_at_as_well(cloud: Cloud) -> None:
    answer = cloud.ask(
        Action="RunInstances",
        MinCount="1",
        MaxCount="1",
        ImageId="ami-0",
        **{"NetworkInterface.1.SecurityGroupId.1": "web"},
    )
    assert "<Code>InvalidGroupId.Malformed</Code>" in answer.text


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("describe_snapshots", {"SnapshotIds": ["snap-0123"]}),
        ("delete_snapshot", {"SnapshotId": "snap-0123"}),
        ("create_volume", {"SnapshotId": "snap-0123", "AvailabilityZone": "us-east-1a"}),
    ],
)
def test_a_snapshot_that_is_not_there_is_named(
    ec2: Any, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=r"InvalidSnapshot\.NotFound.*'snap-0123'"):
        getattr(ec2, operation)(**arguments)
