"""Asking Hetzner for one server, of one type, in one location."""

from dataclasses import dataclass

from hcloud.actions import BoundAction
from hcloud.firewalls import BoundFirewall, Firewall
from hcloud.locations import Location
from hcloud.primary_ips import PrimaryIP
from hcloud.server_types import ServerType
from hcloud.servers import BoundServer, ServerCreatePublicNetwork
from hcloud.ssh_keys import BoundSSHKey, SSHKey

from liferaft.clouds.contract import Owner, needed
from liferaft.clouds.hetzner.access import HetznerAccess, by_token, check_ours
from liferaft.clouds.hetzner.boot_images import boot_image
from liferaft.clouds.hetzner.ssh_key import number
from liferaft.clouds.kinds import ServerSpec


@dataclass(frozen=True)
class Born:
    """A server, and the actions that make it what was asked for: only the end of the first tells
    whether there was room, those after it apply its firewall and the like."""

    row: BoundServer
    actions: tuple[BoundAction, ...]


@dataclass(frozen=True)
class HetznerLaunch:
    access: HetznerAccess
    spec: ServerSpec
    owner: Owner

    def find(self) -> Born | None:
        """What an earlier call made. Raises TakenByAnotherSpec."""
        servers = self.access.client.servers
        rows = servers.get_all(label_selector=by_token(self.owner))
        if not rows:
            return None
        check_ours(rows[0], self.spec, self.owner)
        actions = servers.get_actions(rows[0])
        making = [action for action in actions if action.command == "create_server"]
        running = [one for one in actions if one.status == BoundAction.STATUS_RUNNING]
        return Born(rows[0], (*making[-1:], *running))

    def make(self, server_type: str, place: Location) -> Born:
        """A new one, stopped and outside its network."""
        spec, owner = self.spec, self.owner
        reserved = PrimaryIP(id=int(spec.address_id)) if spec.address_id is not None else None
        keys: list[SSHKey | BoundSSHKey] = [
            SSHKey(id=number(needed("hetzner", "ssh_key_id", spec.ssh_key_id)))
        ]
        firewalls: list[Firewall | BoundFirewall] = [
            Firewall(id=int(needed("hetzner", "firewall_id", spec.firewall_id)))
        ]
        made = self.access.client.servers.create(
            name=owner.name(spec.name),
            server_type=ServerType(name=server_type),
            image=boot_image(self.access, spec).row,
            ssh_keys=keys,
            firewalls=firewalls,
            user_data=spec.user_data,
            labels=owner.labels(spec),
            location=place,
            start_after_create=False,
            public_net=ServerCreatePublicNetwork(
                ipv4=reserved, enable_ipv4=True, enable_ipv6=False
            ),
        )
        return Born(made.server, (made.action, *made.next_actions))
