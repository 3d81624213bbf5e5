"""A block volume of Hetzner's. The smallest has 10 GB.

https://docs.hetzner.com/cloud/volumes/overview/
"""

from collections.abc import Sequence

from hcloud.locations import Location
from hcloud.servers import Server
from hcloud.volumes import BoundVolume, Volume

from liferaft.clouds.contract import Owned, Owner
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, check_ours, owned
from liferaft.clouds.hetzner.power import Power
from liferaft.clouds.hetzner.sizes import place_of
from liferaft.clouds.kinds import VolumeFacts, VolumeSpec
from liferaft.clouds.refusals import cannot_shrink, gone, in_another_zone

SMALLEST = 10
"""GB, which are GiB here."""


class HetznerVolume:
    """Implements Resource[VolumeSpec, VolumeFacts]."""

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane
        self._power = Power(access)

    def create(self, spec: VolumeSpec, owner: Owner) -> VolumeFacts:
        volumes, name = self._access.client.volumes, owner.name(spec.name)
        server = self._power.require_row(int(spec.server_id))

        def find() -> BoundVolume | None:
            rows = volumes.get_all(label_selector=by_token(owner))
            if not rows:
                return None
            check_ours(rows[0], spec, owner)
            return rows[0]

        def make() -> BoundVolume:
            return volumes.create(
                size=max(spec.size, SMALLEST),
                name=name,
                labels=owner.labels(spec),  # type: ignore[arg-type]  # hcloud's annotation is wrong
                location=Location(name=place_of(server)),
            ).volume

        made = self._plane.create_once(f"creating volume {name}", find, make)
        ident = made.id or 0

        def available() -> bool | None:
            row = self._row(ident)
            return True if row is not None and row.status == Volume.STATUS_AVAILABLE else None

        self._plane.wait_for(
            f"volume {name} to be available", available, seconds=self._plane.patience.ready
        )
        return self.update(str(ident), spec)

    def read(self, ident: str) -> VolumeFacts | None:
        row = self._row(int(ident))
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: VolumeSpec) -> VolumeFacts:
        """Grows it, then attaches it where it belongs. Raises Refused for a smaller size and for a
        server in another location."""
        row = self._require_row(ident)
        self._grow(row, max(spec.size, SMALLEST))
        self._put_at(row, int(spec.server_id))
        return _facts(row)

    def delete(self, ident: str) -> None:
        row = self._row(int(ident))
        if row is None:
            return
        self._detach(row)
        self._plane.remove(
            f"deleting volume {ident}",
            lambda: self._access.client.volumes.delete(Volume(id=int(ident))),
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing volumes",
            lambda: self._access.client.volumes.get_all(label_selector=by_app(app, site)),
        )
        return [owned(row) for row in rows]

    def _grow(self, row: BoundVolume, size: int) -> None:
        has = row.size or 0
        if has > size:
            raise cannot_shrink("hetzner", str(row.id), size=has, wanted=size)
        doing = f"growing volume {row.id} to {size} GB"

        def grow() -> None:
            volume = self._access.client.volumes.get_by_id(row.id or 0)
            if (volume.size or 0) < size:
                self._access.finish(doing, volume.resize(size))

        self._plane.ask(doing, grow)

    def _put_at(self, row: BoundVolume, server: int) -> None:
        if row.server is not None and row.server.id == server:
            return
        zone, theirs = place_of(row), place_of(self._power.require_row(server))
        if zone != theirs:
            raise in_another_zone(
                "hetzner", str(row.id), zone=zone, server=str(server), servers=theirs
            )
        self._detach(row)
        doing = f"attaching volume {row.id} to server {server}"

        def attach() -> None:
            volume = self._access.client.volumes.get_by_id(row.id or 0)
            if volume.server is None:
                self._access.finish(doing, volume.attach(Server(id=server), automount=False))

        self._plane.ask(doing, attach)

    def _detach(self, row: BoundVolume) -> None:
        doing = f"detaching volume {row.id}"

        def detach() -> None:
            volume = self._access.client.volumes.get_by_id(row.id or 0)
            if volume.server is not None:
                self._access.finish(doing, volume.detach())

        self._plane.look_up(doing, detach)

    def _require_row(self, ident: str) -> BoundVolume:
        row = self._plane.look_for(lambda: self._row(int(ident)))
        if row is None:
            raise gone("hetzner", "volume", ident)
        return row

    def _row(self, ident: int) -> BoundVolume | None:
        return self._plane.look_up(
            f"reading volume {ident}", lambda: self._access.client.volumes.get_by_id(ident)
        )


def _facts(row: BoundVolume) -> VolumeFacts:
    return VolumeFacts(str(row.id), row.linux_device or "")
