"""A machine image: an image of a server's boot disk."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.gcp.access import GcpAccess, by_app, check_ours, name_of
from liferaft.clouds.gcp.located import Located
from liferaft.clouds.kinds import MachineImageFacts, MachineImageSpec

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Image

_READY = "READY"


class GcpMachineImage:
    """Implements Resource[MachineImageSpec, MachineImageFacts]; its id is its name."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: MachineImageSpec, owner: Owner) -> MachineImageFacts:
        name = name_of(spec, owner)
        doing = f"making machine image {name}"

        def find() -> "Image | None":
            row = self._row(name)
            if row is not None:
                check_ours(row.labels, name, spec, owner)
            return row

        # A running server's disk is refused unless forced: it is as after a power cut then.
        if self._plane.ask(doing, find) is None:
            self._access.make(
                doing,
                find,
                self._access.clients.images.insert_unary,
                seconds=self._access.patience.imaged,
                force_create=True,
                image_resource={
                    "name": name,
                    "labels": owner.labels(spec),
                    "source_disk": self._boot_disk(spec.server_id),
                    "storage_locations": [self._access.region],
                },
            )
        self._plane.wait_for(
            f"machine image {name} to be ready",
            lambda: self._ready(name),
            seconds=self._access.patience.imaged,
        )
        return MachineImageFacts(name)

    def read(self, ident: str) -> MachineImageFacts | None:
        row = self._plane.ask(f"reading machine image {ident}", lambda: self._row(ident))
        return None if row is None else MachineImageFacts(ident)

    def update(self, ident: str, spec: MachineImageSpec) -> MachineImageFacts:
        raise no_update("gcp", "machine_image")

    def delete(self, ident: str) -> None:
        doing = f"deleting machine image {ident}"
        delete = self._access.change(
            doing,
            self._access.clients.images.delete_unary,
            seconds=self._access.patience.gone,
            image=ident,
        )
        self._plane.remove(doing, delete)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        access = self._access
        rows = self._plane.ask(
            "listing machine images",
            lambda: list(access.call(access.clients.images.list, filter=by_app(app, site))),
        )
        return [Owned(row.name, row.name, dict(row.labels)) for row in rows]

    def _boot_disk(self, server_id: str) -> str:
        at = Located.parse(server_id)
        row = self._plane.ask(
            f"reading server {at}",
            lambda: self._access.call(
                self._access.clients.instances.get, **at.as_field("instance")
            ),
        )
        return next(disk.source for disk in row.disks if disk.boot)

    def _ready(self, name: str) -> bool | None:
        row = self._plane.ask(f"reading machine image {name}", lambda: self._row(name))
        return True if row is not None and row.status == _READY else None

    def _row(self, name: str) -> "Image | None":
        return self._access.find(self._access.clients.images.get, image=name)
