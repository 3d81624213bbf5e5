"""A server: one EC2 instance with a fixed private address, behind an Elastic IP if it has one."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from liferaft.clouds.aws import sizes
from liferaft.clouds.aws.access import AwsAccess, by_app, by_token, ours, owned, tagged
from liferaft.clouds.classification import REPEATABLE
from liferaft.clouds.contract import Owned, Owner, digest, needed, no_update
from liferaft.clouds.kinds import ServerFacts, ServerSpec
from liferaft.clouds.sizes import Wanted
from liferaft.failures import Refused, VendorFailure

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

_LIVE = ("pending", "running", "stopping", "stopped")
_GENERATIONS = 20
_LISTED_BY_THEN = timedelta(minutes=10)


class ServerDied(VendorFailure):
    """An instance ended while we waited for it to run."""


class AwsServer:
    """Implements Resource[ServerSpec, ServerFacts]."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: ServerSpec, owner: Owner) -> ServerFacts:
        ident = self._plane.create_once(
            f"creating server {owner.name(spec.name)}",
            lambda: self._find(spec, owner),
            lambda: self._run(spec, owner),
        )
        self._plane.wait_for(
            f"server {owner.name(spec.name)} ({ident}) to run",
            lambda: self._running(ident),
            seconds=self._plane.patience.ready,
        )
        if spec.address_id is not None:
            self._take_address(ident, spec.address_id)
        return self._plane.wait_for(
            f"the public address of server {ident}",
            lambda: self._addressed(ident),
            seconds=self._plane.patience.ready,
        )

    def read(self, ident: str) -> ServerFacts | None:
        row = self._instance(ident)
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: ServerSpec) -> ServerFacts:
        raise no_update("aws", "server")

    def delete(self, ident: str) -> None:
        ec2 = self._access.ec2
        self._plane.remove(
            f"deleting server {ident}", lambda: ec2.terminate_instances(InstanceIds=[ident])
        )
        # Address, firewall and network stay in use until the instance is really gone.
        self._plane.wait_for(
            f"server {ident} to be gone",
            lambda: True if self._state(ident) in (None, "terminated") else None,
            seconds=self._plane.patience.gone,
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask("listing servers", lambda: self._live(by_app(app, site)))
        return [owned(row, row["InstanceId"]) for row in rows]

    def _find(self, spec: ServerSpec, owner: Owner) -> str | None:
        rows = self._live(by_token(owner))
        return ours(rows[0], rows[0]["InstanceId"], spec, owner) if rows else None

    def _run(self, spec: ServerSpec, owner: Owner) -> str:
        """EC2 answers a used ClientToken with what it made then, even if that is terminated by
        now (a site destroyed and deployed again): such a token is spent, the next one is tried."""
        request = self._request(spec, owner)
        for generation in range(_GENERATIONS):
            seed = f"{owner.token} {digest(spec)} {generation}"
            token = hashlib.sha256(seed.encode()).hexdigest()
            row = self._access.ec2.run_instances(ClientToken=token, **request)["Instances"][0]
            if not self._is_spent(row):
                return row["InstanceId"]
        raise ServerDied(
            f"aws: server {owner.name(spec.name)} was created and ended {_GENERATIONS} times",
            safe=REPEATABLE,
            do="Look at the instances' state reasons in the console.",
        )

    def _is_spent(self, row: Any) -> bool:
        """Ended, or so long ago that EC2 lists it no more; a new one may be unlisted as well."""
        state = self._state(row["InstanceId"])
        if state is None:
            launched: datetime = row["LaunchTime"]
            return datetime.now(UTC) - launched > _LISTED_BY_THEN
        return state not in _LIVE

    def _request(self, spec: ServerSpec, owner: Owner) -> dict[str, Any]:
        wanted = Wanted.of(spec)
        image, root = sizes.debian(self._access, spec.architecture)
        return {
            "ImageId": image,
            "InstanceType": sizes.choose(self._access, wanted)[0].name,
            "MinCount": 1,
            "MaxCount": 1,
            "KeyName": spec.ssh_key_id,
            "UserData": spec.user_data,
            "NetworkInterfaces": [
                {
                    "DeviceIndex": 0,
                    "SubnetId": self._subnet(needed("aws", "network_id", spec.network_id)),
                    "PrivateIpAddress": spec.private_address,
                    "Groups": [spec.firewall_id],
                    "AssociatePublicIpAddress": spec.address_id is None,
                    "DeleteOnTermination": True,
                }
            ],
            "BlockDeviceMappings": [
                {
                    "DeviceName": root,
                    "Ebs": {
                        "VolumeSize": spec.disk,
                        "VolumeType": "gp3",
                        "Encrypted": True,
                        "DeleteOnTermination": True,
                    },
                }
            ],
            # User data must not be readable by whatever the app can be tricked into fetching.
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "TagSpecifications": tagged("instance", spec, owner) + tagged("volume", spec, owner),
        }

    def _subnet(self, network: str) -> str:
        subnets = self._access.ec2.describe_subnets(
            Filters=[{"Name": "vpc-id", "Values": [network]}]
        )["Subnets"]
        if not subnets:
            raise Refused(
                f"aws: network {network} has no subnet to put a server into",
                safe="Nothing was created.",
                do="Destroy the site and deploy it again.",
            )
        return subnets[0]["SubnetId"]

    def _running(self, ident: str) -> bool | None:
        row = self._described(ident)
        if row is None:  # A listing may lag behind a creation.
            return None
        state = row["State"]["Name"]
        if state in ("shutting-down", "terminated"):
            reason = row.get("StateReason", {}).get("Message", "no reason given")
            raise ServerDied(
                f"aws: server {ident} ended before it ran: {reason}",
                safe=REPEATABLE,
                do="Correct the reason, then run the same command again.",
                details={"cloud": "aws", "id": ident},
            )
        return True if state == "running" else None

    def _addressed(self, ident: str) -> ServerFacts | None:
        row = self._instance(ident)
        return _facts(row) if row is not None and row.get("PublicIpAddress") else None

    def _take_address(self, ident: str, allocation: str) -> None:
        ec2 = self._access.ec2

        def associate() -> None:
            address = ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]
            if address.get("InstanceId") != ident:
                ec2.associate_address(
                    AllocationId=allocation, InstanceId=ident, AllowReassociation=True
                )

        self._plane.ask(f"giving address {allocation} to server {ident}", associate)

    def _instance(self, ident: str) -> Any | None:
        row = self._described(ident)
        return row if row is not None and row["State"]["Name"] in _LIVE else None

    def _state(self, ident: str) -> str | None:
        row = self._described(ident)
        return None if row is None else str(row["State"]["Name"])

    def _described(self, ident: str) -> Any | None:
        answer = self._plane.look_up(
            f"reading server {ident}",
            lambda: self._access.ec2.describe_instances(InstanceIds=[ident])["Reservations"],
        )
        rows = [row for reservation in answer or [] for row in reservation["Instances"]]
        return rows[0] if rows else None

    def _live(self, filters: "list[FilterTypeDef]") -> list[Any]:
        live: FilterTypeDef = {"Name": "instance-state-name", "Values": _LIVE}
        pages = self._access.ec2.get_paginator("describe_instances").paginate(
            Filters=[*filters, live]
        )
        return [
            row
            for page in pages
            for reservation in page["Reservations"]
            for row in reservation["Instances"]
        ]


def _facts(row: Any) -> ServerFacts:
    return ServerFacts(
        row["InstanceId"],
        row.get("PrivateIpAddress", ""),
        row.get("PublicIpAddress", ""),
        row["InstanceType"],
    )
