"""What a server boots from: Debian's own image, or a machine image of ours."""

from dataclasses import dataclass
from typing import Any

from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.contract import Unsupported
from liferaft.clouds.kinds import ServerSpec
from liferaft.clouds.refusals import no_image, of_another_architecture
from liferaft.clouds.systems import System

# https://wiki.debian.org/Cloud/AmazonEC2Image/Trixie
DEBIAN = "136693071363"
_DEBIAN_ARCHITECTURE = {"x86_64": "amd64", "arm64": "arm64"}


@dataclass(frozen=True)
class AwsBootImage:
    id: str
    root: str
    """The device name of the root disk."""
    size: int
    """GiB that the root disk has at least."""

    @classmethod
    def of(cls, row: Any) -> "AwsBootImage":
        root = row["RootDeviceName"]
        sizes = [
            mapping.get("Ebs", {}).get("VolumeSize", 0)
            for mapping in row.get("BlockDeviceMappings", [])
            if mapping["DeviceName"] == root
        ]
        return cls(row["ImageId"], root, max(sizes, default=0))


def boot_image(access: AwsAccess, spec: ServerSpec) -> AwsBootImage:
    """Raises Refused when the named image is gone or of another architecture, Unsupported when
    the region has no such Debian."""
    if spec.image_id is None:
        return debian(access, spec.runs, spec.architecture)
    ident = spec.image_id
    rows = access.plane.look_up(
        f"reading machine image {ident}",
        lambda: access.ec2.describe_images(ImageIds=[ident], Owners=["self"])["Images"],
    )
    if not rows:
        raise no_image("aws", ident)
    if rows[0]["Architecture"] != spec.architecture:
        has = rows[0]["Architecture"]
        raise of_another_architecture("aws", ident, has=has, wanted=spec.architecture)
    return AwsBootImage.of(rows[0])


def debian(access: AwsAccess, system: System, architecture: str) -> AwsBootImage:
    """The release's newest image by Debian's own account: never a fixed id."""
    name = f"{system}-{_DEBIAN_ARCHITECTURE[architecture]}-*"
    images = access.plane.ask(
        f"looking up image {name}",
        lambda: access.ec2.describe_images(
            Owners=[DEBIAN],
            Filters=[
                {"Name": "name", "Values": [name]},
                {"Name": "state", "Values": ["available"]},
            ],
        )["Images"],
    )
    if not images:
        raise Unsupported(
            f"aws {access.region} lists no image {name} of account {DEBIAN}",
            safe="Nothing was created.",
            do="Use another region in sites.<site>.region.",
        )
    return AwsBootImage.of(max(images, key=lambda image: image["CreationDate"]))
