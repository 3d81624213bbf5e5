"""A server: an instance that gets its addresses, tag and startup script in the call that makes it.

Google runs the startup script at every boot, so it must not mind. Its name is that of the owner,
unique in a zone; the zone is part of its id.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from liferaft.clouds.classification import REPEATABLE, CloudFailure
from liferaft.clouds.contract import Owned, Owner, needed
from liferaft.clouds.gcp import sizes
from liferaft.clouds.gcp.access import GcpAccess, by_app, check_ours, in_region, last, name_of
from liferaft.clouds.gcp.located import Located
from liferaft.clouds.kinds import ServerFacts, ServerSpec
from liferaft.clouds.placing import Room, first_with_room
from liferaft.clouds.refusals import gone
from liferaft.clouds.sizes import WantedSize

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Instance

_RUNNING = "RUNNING"
_STOPPED = ("TERMINATED", "SUSPENDED")


class GcpServer:
    """Implements Resource[ServerSpec, ServerFacts]; its id is ZONE/NAME."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: ServerSpec, owner: Owner) -> ServerFacts:
        name = name_of(spec, owner)
        row = self._plane.ask(f"looking for server {name}", lambda: self._ours(name, spec, owner))
        if row is None:
            rooms = sizes.rooms(self._access, WantedSize.of(spec))
            row = first_with_room(iter(rooms), lambda room: self._insert(room, spec, owner))
        return _facts(self._run(Located.of(row)))

    def read(self, ident: str) -> ServerFacts | None:
        at = Located.parse(ident)
        row = self._plane.ask(f"reading server {ident}", lambda: self._row(at))
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: ServerSpec) -> ServerFacts:
        """Stops it for another machine type only if the one that it has does not fit; where there
        is no room for a fitting one, it runs again as it was, and CloudFailure is raised."""
        at, wanted = Located.parse(ident), WantedSize.of(spec)
        row = self._plane.ask(f"reading server {ident}", lambda: self._require_row(at))
        now = Room(sizes.named(self._access, at.zone, last(row.machine_type)), at.zone)
        instead = sizes.rooms_instead(self._access, wanted, now)
        if instead:
            self._stop(at)
            try:
                first_with_room(iter(instead), lambda room: self._run_as(at, room))
            except CloudFailure:
                self._run_as(at, now)
                raise
        return _facts(self._run(at))

    def delete(self, ident: str) -> None:
        at, doing = Located.parse(ident), f"deleting server {ident}"
        delete = self._access.change(
            doing,
            self._access.clients.instances.delete_unary,
            seconds=self._access.patience.gone,
            **at.as_field("instance"),
        )
        self._plane.remove(doing, delete)
        # Address and network stay in use until the server is really gone.
        self._plane.wait_for(
            f"server {ident} to be gone",
            lambda: True if self.read(ident) is None else None,
            seconds=self._access.patience.gone,
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask("listing servers", lambda: self._list(by_app(app, site)))
        return [Owned(str(Located.of(row)), row.name, dict(row.labels)) for row in rows]

    def _insert(self, room: Room, spec: ServerSpec, owner: Owner) -> "Instance":
        name = name_of(spec, owner)
        return self._access.make(
            f"creating server {name}",
            lambda: self._ours(name, spec, owner),
            self._access.clients.instances.insert_unary,
            zone=room.zone,
            instance_resource=self._resource(room, spec, owner),
        )

    def _resource(self, room: Room, spec: ServerSpec, owner: Owner) -> dict[str, Any]:
        """Without a service account: what runs there may ask Google for nothing."""
        link = self._access.link
        network = needed("gcp", "network_id", spec.network_id)
        metadata = {
            "startup-script": spec.user_data,
            "block-project-ssh-keys": "TRUE",
            # Where the project says otherwise, sshd would ask Google who may come in, and not the
            # file that the user data writes.
            # https://cloud.google.com/compute/docs/oslogin/set-up-oslogin
            "enable-oslogin": "FALSE",
        }
        image = link(f"global/images/{spec.image_id}") if spec.image_id else None
        return {
            "name": name_of(spec, owner),
            "labels": owner.labels(spec),
            "machine_type": f"zones/{room.zone}/machineTypes/{room.size.name}",
            "tags": {"items": [needed("gcp", "firewall_id", spec.firewall_id)]},
            "metadata": {"items": [{"key": key, "value": text} for key, text in metadata.items()]},
            "disks": [
                {
                    "boot": True,
                    "auto_delete": True,
                    "initialize_params": {
                        "source_image": image or sizes.debian(spec.runs, spec.architecture),
                        "disk_size_gb": spec.disk,
                        "disk_type": f"zones/{room.zone}/diskTypes/"
                        + sizes.disk_type(room.size.name),
                    },
                }
            ],
            "network_interfaces": [
                {
                    "network": link(f"global/networks/{network}"),
                    "subnetwork": link(f"regions/{self._access.region}/subnetworks/{network}"),
                    "access_configs": [self._way_out(spec.address_id)],
                    **({"network_i_p": spec.private_address} if spec.private_address else {}),
                }
            ],
        }

    def _way_out(self, address: str | None) -> dict[str, str]:
        """The reserved address, or one that Google picks."""
        access = {"name": "External NAT", "type_": "ONE_TO_ONE_NAT", "network_tier": "PREMIUM"}
        if address is None:
            return access
        row = self._plane.ask(
            f"reading address {address}",
            lambda: self._access.call(
                self._access.clients.addresses.get, region=self._access.region, address=address
            ),
        )
        return access | {"nat_i_p": row.address}

    def _run_as(self, at: Located, room: Room) -> None:
        """Gives a stopped server a machine type and starts it."""
        doing = f"making server {at.name} a {room.size.name}"
        choose = self._access.change(
            doing,
            self._access.clients.instances.set_machine_type_unary,
            **at.as_field("instance"),
            instances_set_machine_type_request_resource={
                "machine_type": f"zones/{at.zone}/machineTypes/{room.size.name}"
            },
        )
        self._plane.ask(doing, choose, safe=REPEATABLE)
        self._start(at)

    def _run(self, at: Located) -> "Instance":
        """The server once it runs; started if it was found stopped."""

        def probe() -> "Instance | None":
            row = self._plane.ask(f"reading server {at.name}", lambda: self._row(at))
            if row is not None and row.status in _STOPPED:
                self._start(at)
                return None
            return row if row is not None and row.status == _RUNNING else None

        what = f"server {at.name} to run"
        return self._plane.wait_for(what, probe, seconds=self._access.patience.ready)

    def _start(self, at: Located) -> None:
        doing = f"starting server {at.name}"
        start = self._access.change(
            doing, self._access.clients.instances.start_unary, **at.as_field("instance")
        )
        self._plane.ask(doing, start, safe=REPEATABLE)

    def _stop(self, at: Located) -> None:
        doing = f"stopping server {at.name}"
        stop = self._access.change(
            doing, self._access.clients.instances.stop_unary, **at.as_field("instance")
        )
        self._plane.ask(doing, stop, safe=REPEATABLE)

    def _ours(self, name: str, spec: ServerSpec, owner: Owner) -> "Instance | None":
        rows = self._list(f'name = "{name}"')
        if not rows:
            return None
        check_ours(rows[0].labels, str(Located.of(rows[0])), spec, owner)
        return rows[0]

    def _require_row(self, at: Located) -> "Instance":
        row = self._row(at)
        if row is None:
            raise gone("gcp", "server", str(at))
        return row

    def _row(self, at: Located) -> "Instance | None":
        if not at.zone:
            return None
        return self._access.find(self._access.clients.instances.get, **at.as_field("instance"))

    def _list(self, which: str) -> "list[Instance]":
        pages = self._access.call(self._access.clients.instances.aggregated_list, filter=which)
        rows = [row for _, scoped in pages for row in scoped.instances]
        return in_region(rows, self._access.region, lambda row: row.zone)


def _facts(row: "Instance") -> ServerFacts:
    interface = row.network_interfaces[0]
    ways = interface.access_configs
    return ServerFacts(
        id=str(Located.of(row)),
        private_address=interface.network_i_p,
        public_address=ways[0].nat_i_p if ways else "",
        chosen_type=last(row.machine_type),
        zone=last(row.zone),
    )
