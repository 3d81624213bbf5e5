"""A private network: a VPC in custom mode with one subnetwork in the region, of the same name.

A VPC has no range of its own at Google; ours is written in its description. Neither has labels.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.gcp.access import (
    GcpAccess,
    belongs_to,
    check_ours,
    described,
    labels_in,
    name_of,
)
from liferaft.clouds.kinds import NetworkFacts, NetworkSpec

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Network, Subnetwork

_RANGE = "ip_range"


class GcpNetwork:
    """Implements Resource[NetworkSpec, NetworkFacts]; its id is its name."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: NetworkSpec, owner: Owner) -> NetworkFacts:
        access, name = self._access, name_of(spec, owner)
        description = described(spec, owner, **{_RANGE: spec.ip_range})
        access.make(
            f"creating network {name}",
            lambda: self._ours(name, spec, owner),
            access.clients.networks.insert_unary,
            network_resource={
                "name": name,
                "description": description,
                "auto_create_subnetworks": False,
                "routing_config": {"routing_mode": "REGIONAL"},
            },
        )
        access.make(
            f"creating the subnetwork of network {name}",
            lambda: self._subnetwork(name),
            access.clients.subnetworks.insert_unary,
            region=access.region,
            subnetwork_resource={
                "name": name,
                "description": description,
                "network": access.link(f"global/networks/{name}"),
                "ip_cidr_range": spec.subnet_range,
            },
        )
        return NetworkFacts(name, spec.ip_range, spec.subnet_range)

    def read(self, ident: str) -> NetworkFacts | None:
        row = self._plane.ask(f"reading network {ident}", lambda: self._network(ident))
        if row is None:
            return None
        subnetwork = self._plane.ask(
            f"reading the subnetwork of network {ident}", lambda: self._subnetwork(ident)
        )
        return NetworkFacts(
            ident,
            labels_in(row.description).get(_RANGE, ""),
            "" if subnetwork is None else subnetwork.ip_cidr_range,
        )

    def update(self, ident: str, spec: NetworkSpec) -> NetworkFacts:
        raise no_update("gcp", "network")

    def delete(self, ident: str) -> None:
        """The subnetwork first: Google refuses the other order."""
        access, gone = self._access, self._access.patience.gone
        doing = f"deleting the subnetwork of network {ident}"
        delete = access.change(
            doing,
            access.clients.subnetworks.delete_unary,
            seconds=gone,
            region=access.region,
            subnetwork=ident,
        )
        self._plane.remove(doing, delete)
        doing = f"deleting network {ident}"
        delete = access.change(
            doing, access.clients.networks.delete_unary, seconds=gone, network=ident
        )
        self._plane.remove(doing, delete)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing networks", lambda: list(self._access.call(self._access.clients.networks.list))
        )
        found = [(row.name, labels_in(row.description)) for row in rows]
        return [
            Owned(name, name, labels) for name, labels in found if belongs_to(labels, app, site)
        ]

    def _ours(self, name: str, spec: NetworkSpec, owner: Owner) -> "Network | None":
        row = self._network(name)
        if row is not None:
            check_ours(labels_in(row.description), name, spec, owner)
        return row

    def _network(self, name: str) -> "Network | None":
        return self._access.find(self._access.clients.networks.get, network=name)

    def _subnetwork(self, name: str) -> "Subnetwork | None":
        return self._access.find(
            self._access.clients.subnetworks.get, region=self._access.region, subnetwork=name
        )
