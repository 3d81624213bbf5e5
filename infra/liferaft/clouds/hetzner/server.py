"""A server: created stopped, put into the network at its fixed address, then started.

Only attaching accepts a private address of our choice, and a server that boots before it is in
its network would miss the interface. One that boots before its firewall is applied would be open to
everybody: what a creation has still to do is in its answer (`next_actions`), and goes on after it.
https://docs.hetzner.cloud/reference/cloud#servers-create-a-server
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from hcloud.locations import Location
from hcloud.networks import BoundNetwork, Network
from hcloud.servers import BoundServer, Server

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.contract import Owned, Owner, needed
from liferaft.clouds.hetzner import sizes
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, owned
from liferaft.clouds.hetzner.boot_images import boot_image
from liferaft.clouds.hetzner.launch import HetznerLaunch
from liferaft.clouds.hetzner.power import Power
from liferaft.clouds.hetzner.resizing import resize
from liferaft.clouds.kinds import ServerFacts, ServerSpec
from liferaft.clouds.placing import Room, first_with_room
from liferaft.clouds.sizes import WantedSize, may_keep


class HetznerServer:
    """Implements Resource[ServerSpec, ServerFacts]. A location is a zone. A reserved address is
    bound to the site's own, and so is a server that answers at it."""

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane
        self._power = Power(access)

    def create(self, spec: ServerSpec, owner: Owner) -> ServerFacts:
        name = owner.name(spec.name)
        ident = first_with_room(
            self._rooms(spec, owner), lambda room: self._create_in(room, spec, owner)
        )
        self._power.wait_until_settled(ident, name)
        self._attach(ident, name, spec)
        self._power.wait_until_guarded(ident, name)
        self._power.switch_on(ident, name)
        return _facts(self._power.wait_until_settled(ident, name, wanted=Server.STATUS_RUNNING))

    def read(self, ident: str) -> ServerFacts | None:
        row = self._power.row(int(ident))
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: ServerSpec) -> ServerFacts:
        """Another type when the present one does not serve any more. A server that was left off
        half-way is started again."""
        row = self._power.require_row(int(ident))
        name = row.name or ident
        wanted = WantedSize.of(spec)
        # The disk stays as it is, so that the server can become smaller again.
        wanted = replace(wanted, disk=max(wanted.disk, row.primary_disk_size or 0))
        choices = sizes.choose(self._access, wanted, sizes.place_of(row))
        if not may_keep(sizes.size_had(row), wanted, choices):
            resize(self._access, self._power, row, choices)
        self._power.switch_on(int(ident), name)
        return _facts(
            self._power.wait_until_settled(int(ident), name, wanted=Server.STATUS_RUNNING)
        )

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"deleting server {ident}",
            lambda: self._access.client.servers.delete(Server(id=int(ident))),
        )
        # Address, firewall and network stay in use until the server is really gone.
        self._plane.wait_for(
            f"server {ident} to be gone",
            lambda: self._power.row(int(ident)) is None or None,
            seconds=self._plane.patience.gone,
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing servers",
            lambda: self._access.client.servers.get_all(label_selector=by_app(app, site)),
        )
        return [owned(row) for row in rows]

    def _rooms(self, spec: ServerSpec, owner: Owner) -> Iterator[Room]:
        """Where it is already, if an earlier run made it; then all that may do."""
        there = self._plane.ask(
            f"looking for server {owner.name(spec.name)}",
            HetznerLaunch(self._access, spec, owner).find,
        )
        if there is not None:
            yield Room(sizes.size_had(there.row), sizes.place_of(there.row))
        image = boot_image(self._access, spec)
        wanted = WantedSize.of(spec)
        wanted = replace(wanted, disk=max(wanted.disk, image.size))
        yield from sizes.rooms(self._access, wanted, may_leave=spec.address_id is None)

    def _create_in(self, room: Room, spec: ServerSpec, owner: Owner) -> int:
        launch = HetznerLaunch(self._access, spec, owner)
        doing = f"creating server {owner.name(spec.name)} ({room.size.name} in {room.zone})"
        born = self._plane.create_once(
            doing, launch.find, lambda: launch.make(room.size.name, Location(name=room.zone))
        )
        try:
            for action in born.actions:
                self._access.finish(doing, action)
        except CloudFailure as failure:
            if failure.classification.verdict is Verdict.CAPACITY:
                self.delete(str(born.row.id))
            raise
        return int(born.row.id or 0)

    def _attach(self, ident: int, name: str, spec: ServerSpec) -> None:
        wanted = int(needed("hetzner", "network_id", spec.network_id))
        doing = f"attaching server {name} to its network as {spec.private_address}"
        network: Network | BoundNetwork = Network(id=wanted)

        def attach() -> None:
            server = self._access.client.servers.get_by_id(ident)
            if wanted in {net.network.id for net in server.private_net or []}:
                return
            self._access.finish(doing, server.attach_to_network(network, ip=spec.private_address))

        self._plane.ensure(doing, attach)


def _facts(row: BoundServer) -> ServerFacts:
    public = row.public_net.ipv4 if row.public_net is not None else None
    private = row.private_net or []
    return ServerFacts(
        id=str(row.id),
        private_address=private[0].ip if private else "",
        public_address=public.ip if public is not None else "",
        chosen_type=(row.server_type.name or "") if row.server_type is not None else "",
        zone=sizes.place_of(row),
    )
