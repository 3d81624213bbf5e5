"""A server's state: looked at, waited for, switched."""

from dataclasses import dataclass

from hcloud.servers import BoundServer, PublicNetworkFirewall, Server

from liferaft.clouds.hetzner.access import HetznerAccess
from liferaft.clouds.refusals import gone
from liferaft.failures import DeadlinePassed

_UNFINISHED = (Server.STATUS_INIT, Server.STATUS_STARTING, Server.STATUS_STOPPING)
_BY_ITSELF = 60.0
"""Seconds that a server has to shut down in order before it is switched off."""


@dataclass(frozen=True)
class Power:
    access: HetznerAccess

    def row(self, ident: int) -> BoundServer | None:
        return self.access.plane.look_up(
            f"reading server {ident}", lambda: self.access.client.servers.get_by_id(ident)
        )

    def require_row(self, ident: int) -> BoundServer:
        """Raises Refused when it is gone. A server just created may take a moment."""
        row = self.access.plane.look_for(lambda: self.row(ident))
        if row is None:
            raise gone("hetzner", "server", str(ident))
        return row

    def wait_until_settled(self, ident: int, name: str, wanted: str | None = None) -> BoundServer:
        """The server once it is in the wanted state, or in any that lasts."""

        def probe() -> BoundServer | None:
            row = self.row(ident)
            if row is None or row.status in _UNFINISHED or row.locked:
                return None
            return row if wanted in (None, row.status) else None

        what = f"server {name} to be {wanted or 'created'}"
        return self.access.plane.wait_for(what, probe, seconds=self.access.plane.patience.ready)

    def wait_until_guarded(self, ident: int, name: str) -> None:
        """Return once every firewall of the server is applied to it."""

        def probe() -> bool | None:
            row = self.row(ident)
            public = None if row is None else row.public_net
            firewalls = (public.firewalls if public is not None else None) or []
            applied = [one.status == PublicNetworkFirewall.STATUS_APPLIED for one in firewalls]
            return True if applied and all(applied) else None

        what = f"the firewall of server {name} to be applied"
        self.access.plane.wait_for(what, probe, seconds=self.access.plane.patience.ready)

    def switch_on(self, ident: int, name: str) -> None:
        """Switched on, if it was off."""
        doing = f"starting server {name}"

        def start() -> None:
            server = self.access.client.servers.get_by_id(ident)
            if server.status == Server.STATUS_OFF:
                self.access.finish(doing, server.power_on())

        self.access.plane.ask(doing, start)

    def switch_off(self, ident: int, name: str) -> None:
        """Shut down in order; switched off if it does not."""
        plane = self.access.plane
        doing = f"shutting down server {name}"

        def shut_down() -> None:
            server = self.access.client.servers.get_by_id(ident)
            if server.status == Server.STATUS_RUNNING:
                self.access.finish(doing, server.shutdown())

        def switch_off() -> None:
            server = self.access.client.servers.get_by_id(ident)
            if server.status != Server.STATUS_OFF:
                self.access.finish(doing, server.power_off())

        def is_off() -> bool | None:
            row = self.row(ident)
            return True if row is not None and row.status == Server.STATUS_OFF else None

        plane.ask(doing, shut_down)
        try:
            seconds = min(_BY_ITSELF, plane.patience.ready)
            plane.wait_for(f"server {name} to shut down", is_off, seconds=seconds)
        except DeadlinePassed:
            plane.ask(doing, switch_off)
        self.wait_until_settled(ident, name, wanted=Server.STATUS_OFF)
