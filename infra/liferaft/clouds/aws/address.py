"""A reserved public IPv4 address: an Elastic IP."""

from collections.abc import Sequence

from liferaft.clouds.aws.access import AwsAccess, by_app, by_token, ours, owned, tagged
from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.kinds import AddressFacts, AddressSpec


class AwsAddress:
    """Implements Resource[AddressSpec, AddressFacts]; its id is the allocation's."""

    def __init__(self, access: AwsAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: AddressSpec, owner: Owner) -> AddressFacts:
        ec2 = self._access.ec2

        def find() -> AddressFacts | None:
            rows = ec2.describe_addresses(Filters=by_token(owner))["Addresses"]
            if not rows:
                return None
            ours(rows[0], rows[0]["AllocationId"], spec, owner)
            return AddressFacts(rows[0]["AllocationId"], rows[0]["PublicIp"])

        def make() -> AddressFacts:
            answer = ec2.allocate_address(
                Domain="vpc",
                TagSpecifications=tagged("elastic-ip", spec, owner),
            )
            return AddressFacts(answer["AllocationId"], answer["PublicIp"])

        made = self._plane.create_once(f"reserving address {owner.name(spec.name)}", find, make)
        return self._plane.wait_until_listed(f"address {made.id}", lambda: self.read(made.id))

    def read(self, ident: str) -> AddressFacts | None:
        rows = self._plane.look_up(
            f"reading address {ident}",
            lambda: self._access.ec2.describe_addresses(AllocationIds=[ident])["Addresses"],
        )
        return AddressFacts(ident, rows[0]["PublicIp"]) if rows else None

    def update(self, ident: str, spec: AddressSpec) -> AddressFacts:
        raise no_update("aws", "address")

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"releasing address {ident}",
            lambda: self._access.ec2.release_address(AllocationId=ident),
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing addresses",
            lambda: self._access.ec2.describe_addresses(Filters=by_app(app, site))["Addresses"],
        )
        return [owned(row, row["AllocationId"]) for row in rows]
