"""A private network: a VPC with a subnet, a gateway to the internet, and the route there.

Servers add a subnet for every further zone that they have to go to (`zones`); they belong to the
network and are deleted with it.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from liferaft.clouds.aws import zones
from liferaft.clouds.aws.access import (
    AwsAccess,
    by_app,
    by_token,
    is_whole,
    labels_of,
    ours,
    owned,
    tagged,
    with_token,
)
from liferaft.clouds.contract import TOKEN, Owned, Owner, no_update
from liferaft.clouds.kinds import NetworkFacts, NetworkSpec

EVERYWHERE = "0.0.0.0/0"


class AwsNetwork:
    """Implements Resource[NetworkSpec, NetworkFacts]; its id is the VPC's."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: NetworkSpec, owner: Owner) -> NetworkFacts:
        vpc = self._vpc(spec, owner)
        self._subnet(vpc, spec, owner)
        self._make_way_out(vpc, self._gateway(spec, owner))
        facts = NetworkFacts(vpc, spec.ip_range, spec.subnet_range)
        self._plane.wait_for(
            f"the subnet of network {vpc}",
            lambda: self.read(vpc) == facts or None,
            seconds=self._plane.patience.ready,
        )
        return facts

    def read(self, ident: str) -> NetworkFacts | None:
        ec2 = self._access.ec2
        vpcs = self._plane.look_up(
            f"reading network {ident}", lambda: ec2.describe_vpcs(VpcIds=[ident])["Vpcs"]
        )
        if not vpcs:
            return None
        home = [row for row in zones.subnets(self._access, ident) if is_whole(row)]
        return NetworkFacts(ident, vpcs[0]["CidrBlock"], home[0]["CidrBlock"] if home else "")

    def update(self, ident: str, spec: NetworkSpec) -> NetworkFacts:
        raise no_update("aws", "network")

    def delete(self, ident: str) -> None:
        """Gateway, subnet, VPC: EC2 refuses every other order."""
        ec2, plane = self._access.ec2, self._plane
        attached = {row["InternetGatewayId"] for row in self._gateways(ident)}
        for one in sorted(attached | self._unattached(ident)):
            if one in attached:
                detach = partial(ec2.detach_internet_gateway, InternetGatewayId=one, VpcId=ident)
                plane.remove(f"detaching gateway {one}", detach)
            delete = partial(ec2.delete_internet_gateway, InternetGatewayId=one)
            plane.remove(f"deleting gateway {one}", delete)
        for subnet in zones.subnets(self._access, ident):
            one = subnet["SubnetId"]
            plane.remove(f"deleting subnet {one}", partial(ec2.delete_subnet, SubnetId=one))
        plane.remove(f"deleting network {ident}", lambda: ec2.delete_vpc(VpcId=ident))

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing networks",
            lambda: self._access.ec2.describe_vpcs(Filters=by_app(app, site))["Vpcs"],
        )
        return [owned(row, row["VpcId"]) for row in rows]

    def _vpc(self, spec: NetworkSpec, owner: Owner) -> str:
        ec2 = self._access.ec2

        def find() -> str | None:
            rows = ec2.describe_vpcs(Filters=by_token(owner))["Vpcs"]
            return ours(rows[0], rows[0]["VpcId"], spec, owner) if rows else None

        def make() -> str:
            answer = ec2.create_vpc(
                CidrBlock=spec.ip_range,
                TagSpecifications=tagged("vpc", spec, owner),
            )
            return answer["Vpc"]["VpcId"]

        vpc = self._plane.create_once(f"creating network {owner.name(spec.name)}", find, make)

        def available() -> bool | None:
            rows = self._plane.look_up(
                f"reading network {vpc}", lambda: ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
            )
            return True if rows and rows[0]["State"] == "available" else None

        self._plane.wait_for(f"network {vpc}", available, seconds=self._plane.patience.ready)
        return vpc

    def _subnet(self, vpc: str, spec: NetworkSpec, owner: Owner) -> str:
        ec2 = self._access.ec2

        def find() -> str | None:
            rows = ec2.describe_subnets(Filters=by_token(owner))["Subnets"]
            home = [row["SubnetId"] for row in rows if is_whole(row)]
            return home[0] if home else None

        def make() -> str:
            answer = ec2.create_subnet(
                VpcId=vpc,
                CidrBlock=spec.subnet_range,
                AvailabilityZone=self._zone(),
                TagSpecifications=tagged("subnet", spec, owner),
            )
            return answer["Subnet"]["SubnetId"]

        return self._plane.create_once(f"creating a subnet of {vpc}", find, make)

    def _zone(self) -> str:
        """The first zone that is open; left alone, EC2 may pick one that lacks newer types."""
        listed = zones.listed(self._access)
        return min(name for name, state in listed.items() if state == "available")

    def _gateway(self, spec: NetworkSpec, owner: Owner) -> str:
        ec2 = self._access.ec2

        def find() -> str | None:
            rows = ec2.describe_internet_gateways(Filters=by_token(owner))["InternetGateways"]
            return rows[0]["InternetGatewayId"] if rows else None

        def make() -> str:
            answer = ec2.create_internet_gateway(
                TagSpecifications=tagged("internet-gateway", spec, owner)
            )
            return answer["InternetGateway"]["InternetGatewayId"]

        return self._plane.create_once("creating the network's gateway", find, make)

    def _make_way_out(self, vpc: str, gateway: str) -> None:
        """Attaches the gateway and routes everything foreign to it, where that is not done."""
        ec2 = self._access.ec2

        def is_attached() -> bool:
            return gateway in {row["InternetGatewayId"] for row in self._gateways(vpc)}

        def attach() -> None:
            if not is_attached():
                ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)

        self._plane.ensure(f"attaching gateway {gateway} to {vpc}", attach)
        # A network has one gateway: who asks again before it is listed would make a second one.
        self._plane.wait_until_listed(f"gateway {gateway}", lambda: is_attached() or None)
        main = self._plane.wait_for(
            f"the routes of network {vpc}",
            lambda: self._main_routes(vpc),
            seconds=self._plane.patience.ready,
        )
        if EVERYWHERE not in {row.get("DestinationCidrBlock") for row in main["Routes"]}:
            route = partial(ec2.create_route, RouteTableId=main["RouteTableId"])
            self._plane.ensure(
                f"routing {vpc} to the internet",
                lambda: route(DestinationCidrBlock=EVERYWHERE, GatewayId=gateway),
            )

    def _main_routes(self, vpc: str) -> Any | None:
        tables = self._plane.ask(
            f"reading routes of {vpc}",
            lambda: self._access.ec2.describe_route_tables(
                Filters=[
                    {"Name": "vpc-id", "Values": [vpc]},
                    {"Name": "association.main", "Values": ["true"]},
                ]
            )["RouteTables"],
        )
        return tables[0] if tables else None

    def _gateways(self, vpc: str) -> Sequence[Any]:
        return self._plane.ask(
            f"reading gateways of {vpc}",
            lambda: self._access.ec2.describe_internet_gateways(
                Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}]
            )["InternetGateways"],
        )

    def _unattached(self, vpc: str) -> set[str]:
        """Gateways that were made for this network; a kill may have come before `attach`."""
        ec2 = self._access.ec2
        vpcs = self._plane.look_up(
            f"reading network {vpc}", lambda: ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        )
        token = labels_of(vpcs[0]).get(TOKEN) if vpcs else None
        if token is None:
            return set()
        rows = self._plane.ask(
            f"reading gateways made for {vpc}",
            lambda: ec2.describe_internet_gateways(Filters=with_token(token))["InternetGateways"],
        )
        return {row["InternetGatewayId"] for row in rows}
