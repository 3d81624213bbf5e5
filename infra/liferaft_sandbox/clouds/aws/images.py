"""Machine images of the account's own: what moto makes of them is not like EC2's.

moto knows no tags for their snapshots, gives every image 15 GiB at /dev/sda1, and leaves the
snapshot behind when the image goes.
"""

from __future__ import annotations

import re
from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.utils import random_ami_id

from liferaft_sandbox.clouds.aws.volumes import refuse_without_root, root_disk
from liferaft_sandbox.clouds.aws.wire import Answer, AwsError, Call, answer

_NAME = re.compile(r"[A-Za-z0-9()\[\] ./\-'@_]{3,128}")


class EbsImage(Ami):
    """An image that tells its own disk."""

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        snapshot = self.ebs_snapshot
        disk = {
            "SnapshotId": snapshot.id,
            "VolumeSize": snapshot.volume.size,
            "DeleteOnTermination": True,
            "VolumeType": "gp3",
            "Encrypted": snapshot.encrypted,
        }
        return [{"DeviceName": self.root_device_name, "Ebs": disk}]


class OwnImage(EbsImage):
    """An image that was made from an instance."""


def smallest_root_disk(image: Any) -> int:
    """GiB that a root disk from the image has at least, and has if nobody asks for more."""
    return int(image.ebs_snapshot.volume.size)


def create_image(call: Call, parameters: dict[str, Any], ec2: Any) -> Answer:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html"""
    instance, name = ec2.get_instance(parameters["InstanceId"]), parameters["Name"]
    _refuse(instance, name, ec2)
    ident = random_ami_id()
    image = OwnImage(
        ec2,
        ident,
        instance=instance,
        name=name,
        description=parameters.get("Description", ""),
        image_location=f"{ec2.account_id}/{name}",
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name=instance.root_device_name,
        region_name=instance.placement.zone,
        snapshot_description=f"Created by CreateImage({instance.id}) for {ident}",
    )
    disk, snapshot = root_disk(instance), image.ebs_snapshot
    snapshot.volume, snapshot.encrypted = disk, disk.encrypted
    for specification in parameters.get("TagSpecifications", []):
        tagged = {"image": image, "snapshot": snapshot}[specification["ResourceType"]]
        tagged.add_tags({tag["Key"]: tag["Value"] for tag in specification.get("Tags", [])})
    ec2.amis[ident] = image
    return answer(call, f"<imageId>{ident}</imageId>")


def deregister_image(call: Call, parameters: dict[str, Any], ec2: Any) -> Answer:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeregisterImage.html"""
    image = ec2.amis.get(parameters["ImageId"])
    if image is not None and image.owner_id != ec2.account_id:
        raise AwsError("AuthFailure", f"Not authorized for image:{image.id}", 403)
    ec2.deregister_image(parameters["ImageId"])
    rows = ""
    if parameters.get("DeleteAssociatedSnapshots"):
        ident = ec2.delete_snapshot(image.ebs_snapshot.id).id
        row = f"<snapshotId>{ident}</snapshotId><returnCode>success</returnCode>"
        rows = f"<deleteSnapshotResultSet><item>{row}</item></deleteSnapshotResultSet>"
    return answer(call, f"<return>true</return>{rows}")


def not_offered(call: Call, parameters: dict[str, Any], ec2: Any) -> Answer:
    """Of images that moto makes without an instance the sandbox has no disk to boot from."""
    del parameters, ec2
    message = f"The sandbox does not offer ec2 {call.operation}: CreateImage makes images."
    raise AwsError("UnsupportedOperation", message)


def _refuse(instance: Any, name: str, ec2: Any) -> None:
    if instance.state not in {"running", "stopped", "stopping"}:
        message = f"Instance '{instance.id}' is not in a valid state for this operation."
        raise AwsError("IncorrectState", message)
    refuse_without_root(instance)
    if not _NAME.fullmatch(name):
        message = "AMI names must be between 3 and 128 characters long"
        raise AwsError("InvalidAMIName.Malformed", message)
    used = [
        one.id for one in ec2.amis.values() if (one.owner_id, one.name) == (ec2.account_id, name)
    ]
    if used:
        message = f"AMI name {name} is already in use by AMI {used[0]}"
        raise AwsError("InvalidAMIName.Duplicate", message)
