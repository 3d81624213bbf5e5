"""A reserved public IPv4 address: a Primary IP that outlives its server."""

from collections.abc import Sequence

from hcloud.locations import Location
from hcloud.primary_ips import BoundPrimaryIP, PrimaryIP

from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, check_ours, owned
from liferaft.clouds.kinds import AddressFacts, AddressSpec


class HetznerAddress:
    """Implements Resource[AddressSpec, AddressFacts]."""

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: AddressSpec, owner: Owner) -> AddressFacts:
        addresses = self._access.client.primary_ips

        def find() -> BoundPrimaryIP | None:
            rows = addresses.get_all(label_selector=by_token(owner))
            if not rows:
                return None
            check_ours(rows[0], spec, owner)
            return rows[0]

        def make() -> BoundPrimaryIP:
            return addresses.create(
                type="ipv4",
                name=owner.name(spec.name),
                location=Location(name=self._access.region),
                assignee_type="server",
                auto_delete=False,
                labels=owner.labels(spec),
            ).primary_ip

        row = self._plane.create_once(f"reserving address {owner.name(spec.name)}", find, make)
        return self._plane.wait_until_listed(f"address {row.id}", lambda: self.read(str(row.id)))

    def read(self, ident: str) -> AddressFacts | None:
        row = self._plane.look_up(
            f"reading address {ident}",
            lambda: self._access.client.primary_ips.get_by_id(int(ident)),
        )
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: AddressSpec) -> AddressFacts:
        raise no_update("hetzner", "address")

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"releasing address {ident}",
            lambda: self._access.client.primary_ips.delete(PrimaryIP(id=int(ident))),
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing addresses",
            lambda: self._access.client.primary_ips.get_all(label_selector=by_app(app, site)),
        )
        return [owned(row) for row in rows]


def _facts(row: BoundPrimaryIP) -> AddressFacts:
    return AddressFacts(str(row.id), row.ip or "")
