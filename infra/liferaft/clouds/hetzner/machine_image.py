"""A machine image: a snapshot of a server's disk. It copies the disk as it is at that moment.

https://docs.hetzner.com/cloud/servers/backups-snapshots/overview/
"""

from collections.abc import Sequence

from hcloud.images import BoundImage, Image
from hcloud.servers import Server

from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, check_ours
from liferaft.clouds.kinds import MachineImageFacts, MachineImageSpec

_SNAPSHOT = "snapshot"
_AVAILABLE = "available"


class HetznerMachineImage:
    """Implements Resource[MachineImageSpec, MachineImageFacts]. Snapshots have no names: the
    description carries ours."""

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: MachineImageSpec, owner: Owner) -> MachineImageFacts:
        client, name = self._access.client, owner.name(spec.name)

        def find() -> BoundImage | None:
            rows = client.images.get_all(type=[_SNAPSHOT], label_selector=by_token(owner))
            if not rows:
                return None
            check_ours(rows[0], spec, owner)
            return rows[0]

        def make() -> BoundImage:
            return client.servers.create_image(
                Server(id=int(spec.server_id)),
                description=name,
                type=_SNAPSHOT,
                labels=owner.labels(spec),
            ).image

        made = self._plane.create_once(f"creating machine image {name}", find, make)
        ident = made.id or 0

        def available() -> bool | None:
            row = self._row(ident)
            return True if row is not None and row.status == _AVAILABLE else None

        self._plane.wait_for(
            f"machine image {name} to be available", available, seconds=self._plane.patience.imaged
        )
        return MachineImageFacts(str(ident))

    def read(self, ident: str) -> MachineImageFacts | None:
        return None if self._row(int(ident)) is None else MachineImageFacts(ident)

    def update(self, ident: str, spec: MachineImageSpec) -> MachineImageFacts:
        raise no_update("hetzner", "machine_image")

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"deleting machine image {ident}",
            lambda: self._access.client.images.delete(Image(id=int(ident))),
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing machine images",
            lambda: self._access.client.images.get_all(
                type=[_SNAPSHOT], label_selector=by_app(app, site)
            ),
        )
        return [Owned(str(row.id), row.description or "", row.labels or {}) for row in rows]

    def _row(self, ident: int) -> BoundImage | None:
        return self._plane.look_up(
            f"reading machine image {ident}", lambda: self._access.client.images.get_by_id(ident)
        )
