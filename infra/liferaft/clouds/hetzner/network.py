"""A private network with one subnet, in the location's network zone."""

from collections.abc import Sequence

from hcloud.networks import BoundNetwork, NetworkSubnet

from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, check_ours, owned
from liferaft.clouds.hetzner.sizes import location
from liferaft.clouds.kinds import NetworkFacts, NetworkSpec


class HetznerNetwork:
    """Implements Resource[NetworkSpec, NetworkFacts]. The first address of the range is the
    gateway's. https://docs.hetzner.com/networking/networks/faq/"""

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: NetworkSpec, owner: Owner) -> NetworkFacts:
        def find() -> BoundNetwork | None:
            rows = self._access.client.networks.get_all(label_selector=by_token(owner))
            if not rows:
                return None
            check_ours(rows[0], spec, owner)
            return rows[0]

        def make() -> BoundNetwork:
            zone = location(self._access).network_zone
            return self._access.client.networks.create(
                name=owner.name(spec.name),
                ip_range=spec.ip_range,
                subnets=[
                    NetworkSubnet(
                        type=NetworkSubnet.TYPE_CLOUD,
                        ip_range=spec.subnet_range,
                        network_zone=zone,
                    )
                ],
                labels=owner.labels(spec),
            )

        row = self._plane.create_once(f"creating network {owner.name(spec.name)}", find, make)
        return self._plane.wait_until_listed(f"network {row.id}", lambda: self.read(str(row.id)))

    def read(self, ident: str) -> NetworkFacts | None:
        row = self._plane.look_up(
            f"reading network {ident}", lambda: self._access.client.networks.get_by_id(int(ident))
        )
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: NetworkSpec) -> NetworkFacts:
        raise no_update("hetzner", "network")

    def delete(self, ident: str) -> None:
        def call() -> None:
            networks = self._access.client.networks
            networks.delete(networks.get_by_id(int(ident)))

        self._plane.remove(f"deleting network {ident}", call)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing networks",
            lambda: self._access.client.networks.get_all(label_selector=by_app(app, site)),
        )
        return [owned(row) for row in rows]


def _facts(row: BoundNetwork) -> NetworkFacts:
    subnets = row.subnets or []
    return NetworkFacts(str(row.id), row.ip_range or "", subnets[0].ip_range if subnets else "")
