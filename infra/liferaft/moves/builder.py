"""The server on which a machine image is made: a small site of its own, for an hour at most.

It is found again by owner tokens alone, so that whatever a killed build left is used or removed by
the next one. No engine and no state: it never carries the application.

It costs as long as it is there: a build that ends in a failure or is interrupted removes it, and
where nothing of ours can, since it was killed, the server switches itself off.
"""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liferaft.clouds.contract import Cloud, Owned, Owner, TakenByAnotherSpec
from liferaft.clouds.kinds import (
    SERVER,
    FirewallSpec,
    NetworkSpec,
    Rule,
    ServerFacts,
    ServerSpec,
    SshKeySpec,
)
from liferaft.clouds.systems import DEFAULT_SYSTEM, System
from liferaft.hosts.keys import SshKeyPair
from liferaft.hosts.user_data import user_data
from liferaft.provision.description import IP_RANGE, SUBNET_RANGE
from liferaft.secrets import AppSecrets, public_key
from liferaft.site.machine_images import owner_of
from liferaft.site.site import Site
from liferaft.vault import KeyMissing

NAME = "builder"
ORDER = ("server", "firewall", "ssh_key", "network")
"""Kinds of the builder, dependents first."""
ENDS_AFTER = 3
"""Hours after which it switches itself off: more than all steps of a build may take."""
_ADDRESS = "10.20.1.11"
_EVERYWHERE = ("0.0.0.0/0",)


_making_or_removing = threading.Lock()
"""A step that was interrupted may still be making what its run already removes."""


@dataclass(frozen=True)
class Builder:
    """The builder of one site, as its cloud's kinds make it. Its methods block."""

    cloud: Cloud
    app: str
    site: str
    epoch: int
    shape: Mapping[str, Any]
    """Fields of a ServerSpec: cpus, memory, machine_types."""
    secrets: AppSecrets
    system: System = DEFAULT_SYSTEM

    def owner(self, part: str) -> Owner:
        """The owner of one of the builder's own things, or of an image that it makes."""
        return owner_of(part, app=self.app, site=self.site, epoch=self.epoch)

    def server(self) -> ServerFacts:
        """The running server, and what it needs, made if they are missing. One that an earlier
        build made with other keys or of another shape is removed first."""
        with _making_or_removing:
            try:
                return self._make_server()
            except TakenByAnotherSpec:
                self._remove()
                return self._make_server()

    def remove(self) -> Sequence[str]:
        """Delete everything of the builder's; images stay. What is being made is waited for. The
        servers that there were."""
        with _making_or_removing:
            return self._remove()

    def _remove(self) -> Sequence[str]:
        removed: list[str] = []
        for kind in (kind for kind in ORDER if kind in self.cloud.kinds):
            for row in self.rows(kind):
                self.cloud.kinds[kind].delete(row.id)
                removed += [row.id] if kind == SERVER.name else []
        return removed

    def rows(self, kind: str) -> Sequence[Owned]:
        """What the cloud lists of the builder's own things of a kind; images are none."""
        token = self.owner(kind).token
        listed = self.cloud.kinds[kind].owned_by(app=self.app, site=self.site)
        return [row for row in listed if token in row.labels.values()]

    def _make_server(self) -> ServerFacts:
        network = self._make("network", NetworkSpec(NAME, IP_RANGE, SUBNET_RANGE))
        key = self._make("ssh_key", SshKeySpec(NAME, self.secrets.ssh_public_key))
        rules = (Rule("tcp", _EVERYWHERE, "22"),)
        firewall = self._make("firewall", FirewallSpec(NAME, network, rules)) if network else None
        throwaway = self.secrets.throw_away_host_key(self.site, NAME)
        spec = ServerSpec(
            NAME,
            **self.shape,
            user_data=user_data(
                throwaway=SshKeyPair(throwaway.get_secret_value(), public_key(throwaway)),
                authorized_key=self.secrets.ssh_public_key,
                ends_after=ENDS_AFTER,
            ),
            network_id=network,
            firewall_id=firewall,
            ssh_key_id=key,
            private_address=_ADDRESS if network else None,
            system=self.system,
        )
        facts: ServerFacts = self.cloud.kinds["server"].create(spec, self.owner("server"))
        return facts

    def _make(self, kind: str, spec: Any) -> str | None:
        if kind not in self.cloud.kinds:
            return None
        return str(self.cloud.kinds[kind].create(spec, self.owner(kind)).id)


async def builder_of(site: Site, epoch: int) -> Builder:
    """The builder of the site.

    Before the first deploy the application has no secrets yet: then ones are used that are thrown
    away, and an interrupted build begins with a new server.
    """
    try:
        secrets = await site.secrets()
    except KeyMissing:
        secrets = AppSecrets.generate()
        site.use_secrets(secrets)
    shape, system = shape_of(site), site.config.system
    return Builder(site.cloud(), site.config.app.name, site.name, epoch, shape, secrets, system)


async def leave_nothing(site: Site, epoch: int) -> str:
    """Remove the builder of a build that has ended without its last step. What it says is for
    people; raises CloudFailure and DeadlinePassed when something may be left."""
    needless = AppSecrets.generate()
    builder = Builder(site.cloud(), site.config.app.name, site.name, epoch, {}, needless)
    gone = await asyncio.to_thread(builder.remove)
    return f"Server {', '.join(gone)}, which was built on, is deleted." if gone else ""


def shape_of(site: Site) -> Mapping[str, Any]:
    """How large the builder is: as the smallest server of the site."""
    servers = site.config.servers
    group, server = min(servers.items(), key=lambda item: (item[1].cpus, item[1].memory))
    return {
        "cpus": server.cpus,
        "memory": int(server.memory) // 2**20,
        "machine_types": tuple(site.declared.sizes.get(group, ())),
    }
