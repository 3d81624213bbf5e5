"""Where in the region a network's servers can live: one subnet for each availability zone.

The network is born with a subnet in one zone, its home. When that zone is full, the next one gets
a subnet of the same size; which block of the network that is depends on the zone's name alone, so
that every run finds or makes the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from liferaft.clouds.aws.access import PART, AwsAccess, is_whole, labels_of, specification
from liferaft.failures import Refused

SUBNET = "subnet of a further zone"


@dataclass(frozen=True)
class Subnet:
    id: str
    zone: str
    block: IPv4Network

    @classmethod
    def of(cls, row: Any) -> "Subnet":
        return cls(row["SubnetId"], row["AvailabilityZone"], IPv4Network(row["CidrBlock"]))


@dataclass(frozen=True)
class Zones:
    """The zones of one network."""

    access: AwsAccess
    network: str
    """The VPC's id."""

    @cached_property
    def home(self) -> Subnet:
        """The one that the network was created with. Raises Refused when there is none."""
        rows = [row for row in subnets(self.access, self.network) if is_whole(row)]
        if not rows:
            raise Refused(
                f"aws: network {self.network} has no subnet to put a server into",
                safe="Nothing was created.",
                do="Destroy the site and deploy it again.",
            )
        return Subnet.of(rows[0])

    def names(self) -> Sequence[str]:
        """Home first, then the others that are open and for which the network has a block left."""
        zones = listed(self.access)
        further = [name for name in self._blocks(sorted(zones)) if zones[name] == "available"]
        return [self.home.zone, *further]

    def subnet(self, zone: str) -> Subnet:
        """The network's subnet in the zone, made if there is none."""
        if zone == self.home.zone:
            return self.home
        plane, ec2 = self.access.plane, self.access.ec2

        def find() -> Subnet | None:
            rows = subnets(self.access, self.network)
            return next((Subnet.of(row) for row in rows if row["AvailabilityZone"] == zone), None)

        def make() -> Subnet:
            tags = {"Name": f"{labels.get('Name', self.network)}-{zone}", **ours, PART: SUBNET}
            answer = ec2.create_subnet(
                VpcId=self.network,
                CidrBlock=str(self._blocks(sorted(listed(self.access)))[zone]),
                AvailabilityZone=zone,
                TagSpecifications=specification("subnet", tags),
            )
            return Subnet.of(answer["Subnet"])

        labels = labels_of(self._vpc())
        ours = {key: value for key, value in labels.items() if key.startswith("liferaft-")}
        return plane.create_once(f"creating a subnet of {self.network} in {zone}", find, make)

    def address_in(self, subnet: Subnet, wanted: str | None) -> str | None:
        """The wished private address, moved into the subnet with the same host part."""
        if wanted is None or IPv4Address(wanted) not in self.home.block:
            return wanted
        host = int(IPv4Address(wanted)) - int(self.home.block.network_address)
        return str(subnet.block[host])

    def _blocks(self, names: Sequence[str]) -> Mapping[str, IPv4Network]:
        others = [name for name in names if name != self.home.zone]
        whole = IPv4Network(self._vpc()["CidrBlock"])
        return dict(zip(others, further_blocks(whole, self.home.block), strict=False))

    def _vpc(self) -> Any:
        return self.access.plane.ask(
            f"reading network {self.network}",
            lambda: self.access.ec2.describe_vpcs(VpcIds=[self.network])["Vpcs"][0],
        )


def further_blocks(whole: IPv4Network, home: IPv4Network) -> Iterator[IPv4Network]:
    """The blocks of home's size in the whole: those behind it, then those before it."""
    size = home.num_addresses
    count = whole.num_addresses // size
    number = (int(home.network_address) - int(whole.network_address)) // size
    for step in range(1, count):
        first = int(whole.network_address) + (number + step) % count * size
        yield IPv4Network((first, home.prefixlen))


def subnets(access: AwsAccess, network: str) -> Sequence[Any]:
    """All subnets of a VPC, also those of further zones."""
    return access.plane.ask(
        f"reading subnets of {network}",
        lambda: access.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [network]}]),
    )["Subnets"]


def listed(access: AwsAccess) -> Mapping[str, str]:
    """Every availability zone of the region and its state; local zones are left out."""
    rows = access.plane.ask(
        "listing zones",
        lambda: access.ec2.describe_availability_zones(
            Filters=[{"Name": "zone-type", "Values": ["availability-zone"]}]
        ),
    )["AvailabilityZones"]
    return {row["ZoneName"]: row["State"] for row in rows}
