"""A block volume of EBS: encrypted, general purpose, in the zone of its server."""

import uuid
from collections.abc import Sequence
from typing import Any

from liferaft.clouds.aws import attaching, instances
from liferaft.clouds.aws.access import (
    AwsAccess,
    by_app,
    by_token,
    is_whole,
    ours,
    owned,
    tagged,
)
from liferaft.clouds.contract import Owned, Owner
from liferaft.clouds.kinds import VolumeFacts, VolumeSpec
from liferaft.clouds.refusals import cannot_shrink, gone

_BY_ID = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_"
_GROWN = ("optimizing", "completed")


class AwsVolume:
    """Implements Resource[VolumeSpec, VolumeFacts]."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: VolumeSpec, owner: Owner) -> VolumeFacts:
        ec2, name = self._access.ec2, owner.name(spec.name)
        zone = instances.require_instance(self._access, spec.server_id)["Placement"][
            "AvailabilityZone"
        ]
        # For the attempts of this call alone: a token that outlived it would be answered with a
        # volume that was deleted in between.
        client_token = str(uuid.uuid4())

        def find() -> str | None:
            rows = [row for row in self._listed(by_token(owner)) if is_whole(row)]
            return ours(rows[0], rows[0]["VolumeId"], spec, owner) if rows else None

        def make() -> str:
            return ec2.create_volume(
                ClientToken=client_token,
                AvailabilityZone=zone,
                Size=spec.size,
                VolumeType="gp3",
                Encrypted=True,
                TagSpecifications=tagged("volume", spec, owner),
            )["VolumeId"]

        ident = self._plane.create_once(f"creating volume {name}", find, make)
        self._plane.wait_for(
            f"volume {name} ({ident}) to be available",
            lambda: self._state(ident) in ("available", "in-use") or None,
            seconds=self._plane.patience.ready,
        )
        return self.update(ident, spec)

    def read(self, ident: str) -> VolumeFacts | None:
        return None if self._row(ident) is None else _facts(ident)

    def update(self, ident: str, spec: VolumeSpec) -> VolumeFacts:
        """Grows it, then attaches it where it belongs. Raises Refused for a smaller size and for a
        server in another zone."""
        row = self._plane.look_for(lambda: self._row(ident))
        if row is None:
            raise gone("aws", "volume", ident)
        self._grow(row, spec.size)
        attaching.put_at(self._access, row, spec.server_id)
        return _facts(ident)

    def delete(self, ident: str) -> None:
        row = self._row(ident)
        if row is None:
            return
        attaching.detach(self._access, row)
        self._plane.remove(
            f"deleting volume {ident}", lambda: self._access.ec2.delete_volume(VolumeId=ident)
        )
        self._plane.wait_for(
            f"volume {ident} to be gone",
            lambda: self._row(ident) is None or None,
            seconds=self._plane.patience.gone,
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        """Without servers' root disks, which go with them."""
        rows = self._plane.ask("listing volumes", lambda: self._listed(by_app(app, site)))
        return [owned(row, row["VolumeId"]) for row in rows if is_whole(row)]

    def _grow(self, row: Any, size: int) -> None:
        """EC2 shows the new size at once; the volume has it from `optimizing` on.

        https://docs.aws.amazon.com/ebs/latest/userguide/monitoring-volume-modifications.html
        """
        ident = row["VolumeId"]
        if row["Size"] > size:
            raise cannot_shrink("aws", ident, size=row["Size"], wanted=size)

        def grow() -> None:
            if not any(change.get("TargetSize") == size for change in self._changes(ident)):
                self._access.ec2.modify_volume(VolumeId=ident, Size=size)

        def has_grown() -> bool | None:
            changes = [one for one in self._changes(ident) if one.get("TargetSize") == size]
            return True if any(one["ModificationState"] in _GROWN for one in changes) else None

        if row["Size"] == size:
            return
        doing = f"growing volume {ident} to {size} GiB"
        self._plane.ask(doing, grow)
        self._plane.wait_for(doing, has_grown, seconds=self._plane.patience.ready)

    def _changes(self, ident: str) -> Sequence[Any]:
        """What was asked of the volume and did not fail."""
        answer = self._plane.look_up(
            f"reading changes of volume {ident}",
            lambda: self._access.ec2.describe_volumes_modifications(VolumeIds=[ident]),
        )
        changes = answer["VolumesModifications"] if answer else []
        return [change for change in changes if change["ModificationState"] != "failed"]

    def _listed(self, filters: Any) -> list[Any]:
        pages = self._access.ec2.get_paginator("describe_volumes").paginate(Filters=filters)
        return [row for page in pages for row in page["Volumes"] if _lasts(row)]

    def _row(self, ident: str) -> Any | None:
        return attaching.volume(self._access, ident)

    def _state(self, ident: str) -> str | None:
        row = self._row(ident)
        return None if row is None else str(row["State"])


def _lasts(row: Any) -> bool:
    return row["State"] not in ("deleting", "deleted", "error")


def _facts(ident: str) -> VolumeFacts:
    """The link that udev makes from the disk's serial number, which is the id without its dash.

    https://docs.aws.amazon.com/ebs/latest/userguide/nvme-ebs-volumes.html
    """
    return VolumeFacts(ident, _BY_ID + ident.replace("-", ""))
