"""A reserved public IPv4 address of the region.

Its labels can only be set by a second call, so that ours are in its description.
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
from liferaft.clouds.kinds import AddressFacts, AddressSpec

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Address


class GcpAddress:
    """Implements Resource[AddressSpec, AddressFacts]; its id is its name."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: AddressSpec, owner: Owner) -> AddressFacts:
        name = name_of(spec, owner)

        def find() -> AddressFacts | None:
            row = self._row(name)
            if row is None:
                return None
            check_ours(labels_in(row.description), name, spec, owner)
            return _facts(row)

        return self._access.make(
            f"reserving address {name}",
            find,
            self._access.clients.addresses.insert_unary,
            region=self._access.region,
            address_resource={
                "name": name,
                "description": described(spec, owner),
                "address_type": "EXTERNAL",
                "network_tier": "PREMIUM",
            },
        )

    def read(self, ident: str) -> AddressFacts | None:
        row = self._plane.ask(f"reading address {ident}", lambda: self._row(ident))
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: AddressSpec) -> AddressFacts:
        raise no_update("gcp", "address")

    def delete(self, ident: str) -> None:
        doing = f"releasing address {ident}"
        delete = self._access.change(
            doing,
            self._access.clients.addresses.delete_unary,
            seconds=self._access.patience.gone,
            region=self._access.region,
            address=ident,
        )
        self._plane.remove(doing, delete)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        access = self._access
        rows = self._plane.ask(
            "listing addresses",
            lambda: list(access.call(access.clients.addresses.list, region=access.region)),
        )
        found = [(row.name, labels_in(row.description)) for row in rows]
        return [
            Owned(name, name, labels) for name, labels in found if belongs_to(labels, app, site)
        ]

    def _row(self, name: str) -> "Address | None":
        return self._access.find(
            self._access.clients.addresses.get, region=self._access.region, address=name
        )


def _facts(row: "Address") -> AddressFacts | None:
    """None as long as the address is not known: it is reserved before it is chosen."""
    return AddressFacts(row.name, row.address) if row.address else None
