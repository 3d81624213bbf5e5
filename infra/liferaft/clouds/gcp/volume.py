"""A block volume: a disk in its server's zone, attached under a device name that is its own.

https://cloud.google.com/compute/docs/disks/set-persistent-device-name-in-linux-vm
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from liferaft.clouds.classification import REPEATABLE
from liferaft.clouds.contract import Owned, Owner
from liferaft.clouds.gcp import sizes
from liferaft.clouds.gcp.access import GcpAccess, by_app, check_ours, in_region, last, name_of
from liferaft.clouds.gcp.located import Located
from liferaft.clouds.kinds import VolumeFacts, VolumeSpec
from liferaft.clouds.refusals import cannot_shrink, gone, in_another_zone

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Disk, Instance


class GcpVolume:
    """Implements Resource[VolumeSpec, VolumeFacts]; its id is ZONE/NAME."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: VolumeSpec, owner: Owner) -> VolumeFacts:
        name, server = name_of(spec, owner), Located.parse(spec.server_id)
        instance = self._plane.ask(f"reading server {server}", lambda: self._server(server))
        row = self._access.make(
            f"creating volume {name}",
            lambda: self._ours(name, spec, owner),
            self._access.clients.disks.insert_unary,
            zone=server.zone,
            disk_resource={
                "name": name,
                "labels": owner.labels(spec),
                "size_gb": spec.size,
                "type_": f"zones/{server.zone}/diskTypes/"
                + sizes.disk_type(last(instance.machine_type)),
            },
        )
        return self.update(str(Located.of(row)), spec)

    def read(self, ident: str) -> VolumeFacts | None:
        at = Located.parse(ident)
        row = self._plane.ask(f"reading volume {ident}", lambda: self._row(at))
        return None if row is None else _facts(at)

    def update(self, ident: str, spec: VolumeSpec) -> VolumeFacts:
        """Attaches it where `spec` says, and grows it. A disk stays in its zone: Refused for a
        server in another one, and for a smaller size."""
        at, server = Located.parse(ident), Located.parse(spec.server_id)
        row = self._plane.ask(f"reading volume {ident}", lambda: self._require_row(at))
        if server.zone != at.zone:
            raise in_another_zone(
                "gcp", ident, zone=at.zone, server=spec.server_id, servers=server.zone
            )
        if row.size_gb > spec.size:
            raise cannot_shrink("gcp", ident, size=row.size_gb, wanted=spec.size)
        self._grow(at, spec.size)
        self._detach(at, except_from=server)
        self._attach(at, server)
        return _facts(at)

    def delete(self, ident: str) -> None:
        at, doing = Located.parse(ident), f"deleting volume {ident}"
        self._detach(at)
        delete = self._access.change(
            doing,
            self._access.clients.disks.delete_unary,
            seconds=self._access.patience.gone,
            **at.as_field("disk"),
        )
        self._plane.remove(doing, delete)

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask("listing volumes", lambda: self._list(by_app(app, site)))
        return [Owned(str(Located.of(row)), row.name, dict(row.labels)) for row in rows]

    def _grow(self, at: Located, size: int) -> None:
        doing = f"growing volume {at} to {size} GiB"
        resize = self._access.change(
            doing,
            self._access.clients.disks.resize_unary,
            **at.as_field("disk"),
            disks_resize_request_resource={"size_gb": size},
        )

        def grow() -> None:
            if self._require_row(at).size_gb < size:
                resize()

        self._plane.ask(doing, grow, safe=REPEATABLE)

    def _attach(self, at: Located, server: Located) -> None:
        doing = f"attaching volume {at} to server {server}"
        attach = self._access.change(
            doing,
            self._access.clients.instances.attach_disk_unary,
            **server.as_field("instance"),
            attached_disk_resource={
                "source": self._access.link(f"zones/{at.zone}/disks/{at.name}"),
                "device_name": at.name,
                "mode": "READ_WRITE",
                "auto_delete": False,
            },
        )

        def attach_once() -> None:
            if server.name not in self._users(at):
                attach()

        self._plane.ask(doing, attach_once, safe=REPEATABLE)

    def _detach(self, at: Located, except_from: Located | None = None) -> None:
        """From all servers but one."""
        doing = f"detaching volume {at}"
        for user in self._plane.ask(doing, lambda: self._users(at)):
            if except_from is not None and user == except_from.name:
                continue
            detach = self._access.change(
                doing,
                self._access.clients.instances.detach_disk_unary,
                zone=at.zone,
                instance=user,
                device_name=at.name,
            )

            def detach_once(user: str = user, detach: Callable[[], None] = detach) -> None:
                if user in self._users(at):
                    detach()

            self._plane.ask(doing, detach_once, safe=REPEATABLE)

    def _users(self, at: Located) -> list[str]:
        """The servers that it is attached to; none when it is gone."""
        row = self._row(at)
        return [] if row is None else [last(user) for user in row.users]

    def _ours(self, name: str, spec: VolumeSpec, owner: Owner) -> "Disk | None":
        rows = self._list(f'name = "{name}"')
        if not rows:
            return None
        check_ours(rows[0].labels, str(Located.of(rows[0])), spec, owner)
        return rows[0]

    def _server(self, at: Located) -> "Instance":
        return self._access.call(self._access.clients.instances.get, **at.as_field("instance"))

    def _require_row(self, at: Located) -> "Disk":
        row = self._row(at)
        if row is None:
            raise gone("gcp", "volume", str(at))
        return row

    def _row(self, at: Located) -> "Disk | None":
        if not at.zone:
            return None
        return self._access.find(self._access.clients.disks.get, **at.as_field("disk"))

    def _list(self, which: str) -> "list[Disk]":
        pages = self._access.call(self._access.clients.disks.aggregated_list, filter=which)
        rows = [row for _, scoped in pages for row in scoped.disks]
        return in_region(rows, self._access.region, lambda row: row.zone)


def _facts(at: Located) -> VolumeFacts:
    return VolumeFacts(str(at), f"/dev/disk/by-id/google-{at.name}")
