"""Whether policies let this key make what a site needs, tried without making it.

A dry run is answered by IAM and by the service control policies of an organization, which no key
of a member account may read. What it is answered holds for what was asked: a policy may go by
tags, which are not all known here, so that a no is told and stops nothing.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html (DryRun)
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from liferaft.clouds.aws.access import AwsAccess
from liferaft.clouds.aws.boot_images import debian
from liferaft.clouds.boto_errors import control_plane
from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.contract import Unsupported
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.sizes import Size, WantedSize

_WOULD: Final = "DryRunOperation"
_MAY_NOT: Final = frozenset({"AccessDenied", "UnauthorizedOperation"})
_ORGANIZATION: Final = re.compile(r"service control policy", re.IGNORECASE)
_ENCODED: Final = re.compile(r"\.?\s*Encoded authorization failure message:.*", re.DOTALL)
_NETWORK: Final = "10.0.0.0/16"


def tried(
    access: AwsAccess, servers: Mapping[str, tuple[WantedSize, Size]], patience: Patience
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What would be refused, and what is not known of it: whole sentences. Each size is tried
    once."""
    plane, refused, unknown = control_plane("aws", patience), [], []
    for action, attempt in _attempts(access, servers).items():
        try:
            plane.ask(f"trying {action} without doing it", attempt)
        except Unsupported:  # no image of that system is there: told by who boots from it
            continue
        except CloudFailure as failure:
            code, said = failure.classification.code, failure.classification.message
            if code in _MAY_NOT:
                refused.append(_sentence(action, said))
            elif code != _WOULD:
                unknown.append(f"aws does not say whether this key may {action} ({code}).")
    return tuple(dict.fromkeys(refused)), tuple(dict.fromkeys(unknown))


def _attempts(
    access: AwsAccess, servers: Mapping[str, tuple[WantedSize, Size]]
) -> Mapping[str, Callable[[], Any]]:
    ec2 = access.ec2
    sizes = {size.name: wanted for wanted, size in servers.values()}
    return {
        **{
            f"ec2:RunInstances of {name}": partial(_run, access, wanted, name)
            for name, wanted in sizes.items()
        },
        "ec2:AllocateAddress": lambda: ec2.allocate_address(Domain="vpc", DryRun=True),
        "ec2:CreateVpc": lambda: ec2.create_vpc(CidrBlock=_NETWORK, DryRun=True),
    }


def _run(access: AwsAccess, wanted: WantedSize, machine_type: str) -> Any:
    """As a server is launched, as far as a policy may mind. Raises Unsupported, ClientError."""
    image = debian(access, wanted.system, wanted.architecture)
    disk = {"VolumeSize": max(wanted.disk, image.size), "VolumeType": "gp3", "Encrypted": True}
    request: dict[str, Any] = {
        "ImageId": image.id,
        "InstanceType": machine_type,
        "MinCount": 1,
        "MaxCount": 1,
        "BlockDeviceMappings": [{"DeviceName": image.root, "Ebs": disk}],
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
    }
    return access.ec2.run_instances(DryRun=True, **request)


def _sentence(action: str, said: str) -> str:
    told = _ENCODED.sub("", said).rstrip(".")
    whose = "This key's own policy lacks it: see docs/aws-policy.json."
    if _ORGANIZATION.search(said):
        whose = (
            "A service control policy of the organization forbids it: ask whoever administers the "
            "organization, or use an account outside of it."
        )
    return f"aws would refuse {action} ({told}). {whose}"
