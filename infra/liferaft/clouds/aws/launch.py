"""Asking EC2 for one instance, at one size, in one zone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from liferaft.clouds.aws import instances
from liferaft.clouds.aws.access import AwsAccess, by_token, tagged
from liferaft.clouds.aws.boot_images import boot_image
from liferaft.clouds.aws.zones import Zones
from liferaft.clouds.classification import REPEATABLE
from liferaft.clouds.contract import Owner, needed
from liferaft.clouds.kinds import ServerSpec
from liferaft.clouds.placing import Room
from liferaft.failures import VendorFailure

_GENERATIONS = 20
_LISTED_BY_THEN = timedelta(minutes=10)
ROOT_DISK = "root disk"


class TokensSpent(VendorFailure):
    """Every idempotency token of this server was used for one that ended."""


@dataclass(frozen=True)
class AwsLaunch:
    access: AwsAccess
    spec: ServerSpec
    owner: Owner
    room: Room

    def run(self) -> str:
        """The new instance's id; safe to repeat.

        EC2 answers a used ClientToken with what it made then, even if that is terminated by now
        (a site destroyed and deployed again): such a token is spent, the next one is tried.
        """
        ended = self._ended()
        request = self._request()
        for generation in range(_GENERATIONS):
            token = client_token(self.owner, request, generation)
            answer = self.access.ec2.run_instances(ClientToken=token, **request)
            row = answer["Instances"][0]
            if row["InstanceId"] not in ended and not self._is_forgotten(row):
                return row["InstanceId"]
        raise TokensSpent(
            f"aws: server {self.owner.name(self.spec.name)} was created and ended "
            f"{_GENERATIONS} times",
            safe=REPEATABLE,
            do="Look at the instances' state reasons in the console.",
        )

    def _ended(self) -> set[str]:
        """Instances of this server that are terminated already."""
        rows = instances.listed(self.access, by_token(self.owner))
        return {r["InstanceId"] for r in rows if r["State"]["Name"] not in instances.LIVE}

    def _is_forgotten(self, row: Any) -> bool:
        """Launched so long ago that EC2 lists it no more; a new one may be unlisted as well."""
        launched: datetime = row["LaunchTime"]
        long_ago = datetime.now(UTC) - launched > _LISTED_BY_THEN
        return long_ago and instances.described(self.access, row["InstanceId"]) is None

    def _request(self) -> dict[str, Any]:
        spec, owner = self.spec, self.owner
        image = boot_image(self.access, spec)
        zones = Zones(self.access, needed("aws", "network_id", spec.network_id))
        subnet = zones.subnet(self.room.zone)
        interface = {
            "DeviceIndex": 0,
            "SubnetId": subnet.id,
            "Groups": [needed("aws", "firewall_id", spec.firewall_id)],
            "AssociatePublicIpAddress": spec.address_id is None,
            "DeleteOnTermination": True,
        }
        address = zones.address_in(subnet, spec.private_address)
        if address is not None:
            interface["PrivateIpAddress"] = address
        root = {
            "VolumeSize": max(spec.disk, image.size),
            "VolumeType": "gp3",
            "Encrypted": True,
            "DeleteOnTermination": True,
        }
        return {
            "ImageId": image.id,
            "InstanceType": self.room.size.name,
            "MinCount": 1,
            "MaxCount": 1,
            "KeyName": needed("aws", "ssh_key_id", spec.ssh_key_id),
            "UserData": spec.user_data,
            "NetworkInterfaces": [interface],
            "BlockDeviceMappings": [{"DeviceName": image.root, "Ebs": root}],
            # User data must not be readable by whatever the app can be tricked into fetching.
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "TagSpecifications": [
                *tagged("instance", spec, owner),
                *tagged("volume", spec, owner, part=ROOT_DISK),
            ],
        }


def client_token(owner: Owner, request: Mapping[str, Any], generation: int) -> str:
    """The same for the same request alone: EC2 remembers tokens for a day or longer, and refuses
    one that comes with other parameters, were it only a later epoch among the tags."""
    seed = json.dumps([owner.token, request, generation], sort_keys=True)
    return hashlib.sha256(seed.encode()).hexdigest()
