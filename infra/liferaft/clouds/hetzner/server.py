"""A server: created stopped, put into the network at its fixed address, then started.

Only attaching accepts a private address of our choice, and a server that boots before it is in
its network would miss the interface.
"""

from collections.abc import Sequence

from hcloud.firewalls import BoundFirewall, Firewall
from hcloud.locations import Location
from hcloud.networks import BoundNetwork, Network
from hcloud.primary_ips import PrimaryIP
from hcloud.server_types import ServerType
from hcloud.servers import BoundServer, Server, ServerCreatePublicNetwork
from hcloud.ssh_keys import BoundSSHKey, SSHKey

from liferaft.clouds.contract import Owned, Owner, needed, no_update
from liferaft.clouds.hetzner import sizes
from liferaft.clouds.hetzner.access import HetznerAccess, by_app, by_token, check_ours, owned
from liferaft.clouds.kinds import ServerFacts, ServerSpec
from liferaft.clouds.sizes import Wanted

_UNFINISHED = (Server.STATUS_INIT, Server.STATUS_STARTING, Server.STATUS_STOPPING)


class HetznerServer:
    """Implements Resource[ServerSpec, ServerFacts]."""

    def __init__(self, access: HetznerAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: ServerSpec, owner: Owner) -> ServerFacts:
        name = owner.name(spec.name)
        made = self._plane.create_once(
            f"creating server {name}",
            lambda: self._find(spec, owner),
            lambda: self._make(spec, owner),
        )
        ident = int(made.id or 0)
        self._settled(ident, name)
        self._attach(ident, name, spec)
        self._start(ident, name)
        return _facts(self._settled(ident, name, wanted=Server.STATUS_RUNNING))

    def read(self, ident: str) -> ServerFacts | None:
        row = self._row(int(ident))
        return None if row is None else _facts(row)

    def update(self, ident: str, spec: ServerSpec) -> ServerFacts:
        raise no_update("hetzner", "server")

    def delete(self, ident: str) -> None:
        self._plane.remove(
            f"deleting server {ident}",
            lambda: self._access.client.servers.delete(Server(id=int(ident))),
        )
        # Address, firewall and network stay in use until the server is really gone.
        self._plane.wait_for(
            f"server {ident} to be gone",
            lambda: True if self._row(int(ident)) is None else None,
            seconds=self._plane.patience.gone,
        )

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        rows = self._plane.ask(
            "listing servers",
            lambda: self._access.client.servers.get_all(label_selector=by_app(app, site)),
        )
        return [owned(row) for row in rows]

    def _find(self, spec: ServerSpec, owner: Owner) -> BoundServer | None:
        rows = self._access.client.servers.get_all(label_selector=by_token(owner))
        if not rows:
            return None
        check_ours(rows[0], spec, owner)
        return rows[0]

    def _make(self, spec: ServerSpec, owner: Owner) -> BoundServer:
        wanted = Wanted.of(spec)
        reserved = PrimaryIP(id=int(spec.address_id)) if spec.address_id is not None else None
        keys: list[SSHKey | BoundSSHKey] = [SSHKey(id=_needed("ssh_key_id", spec.ssh_key_id))]
        firewalls: list[Firewall | BoundFirewall] = [
            Firewall(id=_needed("firewall_id", spec.firewall_id))
        ]
        return self._access.client.servers.create(
            name=owner.name(spec.name),
            server_type=ServerType(name=sizes.choose(self._access, wanted)[0].name),
            image=sizes.debian(self._access, spec.architecture),
            ssh_keys=keys,
            firewalls=firewalls,
            user_data=spec.user_data,
            labels=owner.labels(spec),
            location=Location(name=self._access.region),
            start_after_create=False,
            public_net=ServerCreatePublicNetwork(
                ipv4=reserved, enable_ipv4=True, enable_ipv6=False
            ),
        ).server

    def _attach(self, ident: int, name: str, spec: ServerSpec) -> None:
        doing = f"attaching server {name} to its network as {spec.private_address}"
        network: Network | BoundNetwork = Network(id=_needed("network_id", spec.network_id))

        def attach() -> None:
            server = self._access.client.servers.get_by_id(ident)
            if _needed("network_id", spec.network_id) in {
                net.network.id for net in server.private_net or []
            }:
                return
            self._access.finish(doing, server.attach_to_network(network, ip=spec.private_address))

        self._plane.ask(doing, attach)

    def _start(self, ident: int, name: str) -> None:
        doing = f"starting server {name}"

        def start() -> None:
            server = self._access.client.servers.get_by_id(ident)
            if server.status == Server.STATUS_OFF:
                self._access.finish(doing, server.power_on())

        self._plane.ask(doing, start)

    def _settled(self, ident: int, name: str, wanted: str | None = None) -> BoundServer:
        """The server once it is in the wanted state, or in any that lasts."""

        def probe() -> BoundServer | None:
            row = self._row(ident)
            if row is None or row.status in _UNFINISHED or row.locked:
                return None
            return row if wanted in (None, row.status) else None

        what = f"server {name} to be {wanted or 'created'}"
        return self._plane.wait_for(what, probe, seconds=self._plane.patience.ready)

    def _row(self, ident: int) -> BoundServer | None:
        return self._plane.look_up(
            f"reading server {ident}", lambda: self._access.client.servers.get_by_id(ident)
        )


def _needed(field: str, value: str | None) -> int:
    return int(needed("hetzner", field, value))


def _facts(row: BoundServer) -> ServerFacts:
    public = row.public_net.ipv4 if row.public_net is not None else None
    private = row.private_net or []
    return ServerFacts(
        id=str(row.id),
        private_address=private[0].ip if private else "",
        public_address=public.ip if public is not None else "",
        chosen_type=(row.server_type.name or "") if row.server_type is not None else "",
    )
