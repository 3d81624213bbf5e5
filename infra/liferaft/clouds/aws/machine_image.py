"""A machine image: an AMI of a server's root disk, and the snapshot behind it.

The disk is copied as it is at that moment, without a reboot: who asks for it sees to it that what
matters is on the disk. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from liferaft.clouds.aws import instances
from liferaft.clouds.aws.access import AwsAccess, by_app, by_token, ours, owned, tagged
from liferaft.clouds.classification import REPEATABLE
from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.kinds import MachineImageFacts, MachineImageSpec
from liferaft.failures import VendorFailure

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import BlockDeviceMappingTypeDef, FilterTypeDef

_DONE = ("success", "skipped")
_THERE = ("pending", "available")
_SNAPSHOT = "disk of a machine image"


class ImageFailed(VendorFailure):
    """EC2 gave an image up."""


class AwsMachineImage:
    """Implements Resource[MachineImageSpec, MachineImageFacts]."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: MachineImageSpec, owner: Owner) -> MachineImageFacts:
        ec2, name = self._access.ec2, owner.name(spec.name)

        def find() -> str | None:
            there = [row for row in self._listed(by_token(owner)) if row["State"] in _THERE]
            return ours(there[0], there[0]["ImageId"], spec, owner) if there else None

        def make() -> str:
            for row in self._listed(by_token(owner)):
                if row["State"] not in _THERE:  # An earlier attempt that failed has the name.
                    self.delete(row["ImageId"])
            server = instances.require_instance(self._access, spec.server_id)
            return ec2.create_image(
                InstanceId=spec.server_id,
                Name=name,
                NoReboot=True,
                BlockDeviceMappings=_without_volumes(server),
                TagSpecifications=[
                    *tagged("image", spec, owner),
                    *tagged("snapshot", spec, owner, part=_SNAPSHOT),
                ],
            )["ImageId"]

        ident = self._plane.create_once(f"creating machine image {name}", find, make)
        self._plane.wait_for(
            f"machine image {name} ({ident}) to be available",
            lambda: self._available(ident),
            seconds=self._plane.patience.imaged,
        )
        return MachineImageFacts(ident)

    def read(self, ident: str) -> MachineImageFacts | None:
        row = self._row(ident)
        return MachineImageFacts(ident) if row is not None and row["State"] in _THERE else None

    def update(self, ident: str, spec: MachineImageSpec) -> MachineImageFacts:
        raise no_update("aws", "machine_image")

    def delete(self, ident: str) -> None:
        """With its snapshots, in the same call: nothing that costs is left behind by a kill."""
        ec2, plane = self._access.ec2, self._plane
        left: list[str] = []

        def deregister() -> None:
            answer = ec2.deregister_image(ImageId=ident, DeleteAssociatedSnapshots=True)
            results = answer.get("DeleteSnapshotResults", [])
            left.extend(row["SnapshotId"] for row in results if row["ReturnCode"] not in _DONE)

        plane.remove(f"deleting machine image {ident}", deregister)
        for one in left:
            plane.remove(f"deleting snapshot {one}", partial(ec2.delete_snapshot, SnapshotId=one))

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask("listing machine images", lambda: self._listed(by_app(app, site)))
        return [owned(row, row["ImageId"]) for row in rows]

    def _available(self, ident: str) -> bool | None:
        row = self._row(ident)
        if row is None:  # A listing may lag behind a creation.
            return None
        if row["State"] not in _THERE:
            reason = row.get("StateReason", {}).get("Message", row["State"])
            raise ImageFailed(
                f"aws: machine image {ident} was not made: {reason}",
                safe=REPEATABLE,
                do="Run the same command again: it is deleted and made anew.",
                details={"cloud": "aws", "id": ident},
            )
        return True if row["State"] == "available" else None

    def _row(self, ident: str) -> Any | None:
        rows = self._plane.look_up(
            f"reading machine image {ident}",
            lambda: self._access.ec2.describe_images(ImageIds=[ident])["Images"],
        )
        return rows[0] if rows else None

    def _listed(self, filters: "list[FilterTypeDef]") -> Sequence[Any]:
        return self._access.ec2.describe_images(Owners=["self"], Filters=filters)["Images"]


def _without_volumes(server: Any) -> "list[BlockDeviceMappingTypeDef]":
    """An image holds every disk of its instance unless it is told to leave some out."""
    return [
        {"DeviceName": mapping["DeviceName"], "NoDevice": ""}
        for mapping in server.get("BlockDeviceMappings", [])
        if mapping["DeviceName"] != server["RootDeviceName"]
    ]
