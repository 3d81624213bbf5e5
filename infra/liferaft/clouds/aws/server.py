"""A server: one EC2 instance with a fixed private address, behind an Elastic IP if it has one."""

from collections.abc import Iterator, Sequence
from typing import Any

from liferaft.clouds import boto_errors
from liferaft.clouds.aws import instances, sizes
from liferaft.clouds.aws.access import AwsAccess, by_app, by_token, ours, owned
from liferaft.clouds.aws.launch import AwsLaunch
from liferaft.clouds.aws.resizing import resize
from liferaft.clouds.aws.zones import Zones
from liferaft.clouds.classification import REPEATABLE, Classification, CloudFailure, Verdict
from liferaft.clouds.contract import Owned, Owner, needed
from liferaft.clouds.kinds import ServerFacts, ServerSpec
from liferaft.clouds.placing import Room, first_with_room, rooms
from liferaft.clouds.sizes import Size, WantedSize
from liferaft.failures import VendorFailure


class ServerDied(VendorFailure):
    """An instance ended while we waited for it to run."""


class AwsServer:
    """Implements Resource[ServerSpec, ServerFacts]. A server without a reserved address gets
    another public one whenever it was stopped, as in a change of its size."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: ServerSpec, owner: Owner) -> ServerFacts:
        name = owner.name(spec.name)
        there = self._plane.ask(f"looking for server {name}", lambda: self._find(spec, owner))
        if there is not None:
            self._start(there, f"{name} ({there})")
        ident = there or self._launch(spec, owner)
        if spec.address_id is not None:
            self._take_address(ident, spec.address_id)
        return self._plane.wait_for(
            f"the public address of server {ident}",
            lambda: self._addressed(ident),
            seconds=self._plane.patience.ready,
        )

    def read(self, ident: str) -> ServerFacts | None:
        row = instances.alive(self._access, ident)
        return None if row is None else instances.facts(row)

    def update(self, ident: str, spec: ServerSpec) -> ServerFacts:
        """Another type when the present one does not serve any more. A server that was left
        stopped half-way is started again."""
        row = instances.require_instance(self._access, ident)
        wanted = WantedSize.of(spec)
        choices = sizes.choose(self._access, wanted)
        if not sizes.may_keep_type(self._access, row["InstanceType"], wanted, choices):
            resize(self._access, row, choices, self._start)
        else:
            self._start(ident)
        return self._plane.wait_for(
            f"the public address of server {ident}",
            lambda: self._addressed(ident),
            seconds=self._plane.patience.ready,
        )

    def delete(self, ident: str) -> None:
        ec2 = self._access.ec2
        self._plane.remove(
            f"deleting server {ident}", lambda: ec2.terminate_instances(InstanceIds=[ident])
        )
        # Address, firewall and network stay in use until the instance is really gone.
        self._plane.wait_for(
            f"server {ident} to be gone",
            lambda: instances.state_of(self._access, ident) in (None, "terminated") or None,
            seconds=self._plane.patience.gone,
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing servers", lambda: instances.live(self._access, by_app(app, site))
        )
        return [owned(row, row["InstanceId"]) for row in rows]

    def _find(self, spec: ServerSpec, owner: Owner) -> str | None:
        rows = instances.live(self._access, by_token(owner))
        return ours(rows[0], rows[0]["InstanceId"], spec, owner) if rows else None

    def _launch(self, spec: ServerSpec, owner: Owner) -> str:
        """The running server's id. On an account's free plan of a type that this has; which plan
        it is, nobody is asked: a failover does not wait for a billing service."""
        wanted = WantedSize.of(spec)

        def first_of(choices: Sequence[Size]) -> str:
            rooms = self._rooms(spec, choices)
            return first_with_room(rooms, lambda room: self._create_in(room, spec, owner))

        try:
            return first_of(sizes.choose(self._access, wanted))
        except CloudFailure as failure:
            if not boto_errors.is_beyond_free_plan(failure.classification):
                raise
        return first_of(sizes.eligible(self._access, wanted))

    def _rooms(self, spec: ServerSpec, choices: Sequence[Size]) -> Iterator[Room]:
        network = needed("aws", "network_id", spec.network_id)
        return rooms(choices, Zones(self._access, network).names())

    def _create_in(self, room: Room, spec: ServerSpec, owner: Owner) -> str:
        launch, name = AwsLaunch(self._access, spec, owner, room), owner.name(spec.name)
        ident = self._plane.create_once(
            f"creating server {name} ({room.size.name} in {room.zone})",
            lambda: self._find(spec, owner),
            launch.run,
        )
        self._await_running(ident, f"{name} ({ident})")
        return ident

    def _start(self, ident: str, called: str = "") -> None:
        """Running on return, from whatever state. An instance that is stopping is waited for."""
        ec2, plane = self._access.ec2, self._plane

        def start() -> None:
            if instances.state_of(self._access, ident) in ("stopping", "stopped"):
                ec2.start_instances(InstanceIds=[ident])

        plane.wait_for(
            f"server {ident} to have stopped",
            lambda: instances.state_of(self._access, ident) != "stopping" or None,
            seconds=plane.patience.ready,
        )
        plane.ask(f"starting server {ident}", start, safe=REPEATABLE)
        self._await_running(ident, called or ident)

    def _await_running(self, ident: str, called: str) -> None:
        self._plane.wait_for(
            f"server {called} to run",
            lambda: self._is_running(ident),
            seconds=self._plane.patience.ready,
        )

    def _is_running(self, ident: str) -> bool | None:
        row = instances.described(self._access, ident)
        if row is None:  # A listing may lag behind a creation.
            return None
        state = row["State"]["Name"]
        if state in ("shutting-down", "terminated"):
            raise _ended(ident, row.get("StateReason", {}))
        return True if state == "running" else None

    def _addressed(self, ident: str) -> ServerFacts | None:
        row = instances.alive(self._access, ident)
        return instances.facts(row) if row is not None and row.get("PublicIpAddress") else None

    def _take_address(self, ident: str, allocation: str) -> None:
        ec2 = self._access.ec2

        def associate() -> None:
            address = ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]
            if address.get("InstanceId") != ident:
                ec2.associate_address(
                    AllocationId=allocation, InstanceId=ident, AllowReassociation=True
                )

        self._plane.ensure(f"giving address {allocation} to server {ident}", associate)


def _ended(ident: str, reason: Any) -> VendorFailure:
    """EC2 may accept a launch and find only then that it has no room, or that a quota is used up.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
    """
    code = reason.get("Code", "").partition(".")[2]
    message = reason.get("Message", "no reason given")
    verdict = boto_errors.verdict(code, operation="RunInstances")
    if verdict in (Verdict.CAPACITY, Verdict.QUOTA):
        meaning = Classification(verdict, code, message, {"id": ident})
        return CloudFailure("aws", f"starting server {ident}", meaning, safe=REPEATABLE)
    return ServerDied(
        f"aws: server {ident} ended before it ran: {message}",
        safe=REPEATABLE,
        do="Correct the reason, then run the same command again.",
        details={"cloud": "aws", "id": ident},
    )
