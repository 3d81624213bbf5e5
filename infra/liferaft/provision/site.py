"""A whole site as one component: what most programs want."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import pulumi

from liferaft.provision.description import (
    IP_RANGE,
    SUBNET_RANGE,
    PlannedServer,
    ServerGroup,
    SiteDescription,
)
from liferaft.provision.resources import (
    PACKAGE,
    Address,
    Bucket,
    Firewall,
    Network,
    Rule,
    Server,
    SshKey,
)

T = TypeVar("T")


class Site(pulumi.ComponentResource):
    """Network, firewalls, key, reserved address, servers and bucket of one app at one cloud.

    `address`, `servers` and `bucket` are what moves read from the stack's outputs: export them
    under these names (see `export`).
    """

    address: pulumi.Output[str]
    servers: pulumi.Output[list[dict[str, str]]]
    bucket: pulumi.Output[dict[str, str] | None]

    def __init__(
        self,
        resource_name: str,
        description: SiteDescription,
        *,
        user_data: pulumi.Input[Mapping[str, str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`user_data` has a text for every server by name (`db-1`); secret."""
        super().__init__(f"{PACKAGE}:index:Site", resource_name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self._description = description
        self._user_data: pulumi.Output[Mapping[str, str]] = pulumi.Output.secret(user_data)
        self._network = self._if_there("network", self._new_network)
        self._key = self._if_there("ssh_key", self._new_key)
        self._address = Address("entry", opts=self._child)
        firewalls = {
            group.name: self._if_there("firewall", partial(self._new_firewall, group))
            for group in description.groups
        }
        rows = [
            self._row(plan, self._server(plan, firewalls[plan.group.name]))
            for plan in description.servers()
        ]
        self.address = self._address.address
        self.servers = pulumi.Output.all(*rows)
        self.bucket = self._bucket()
        self.register_outputs(self._outputs())

    @classmethod
    def from_config(cls, resource_name: str = "site") -> "Site":
        """A site from the stack's own configuration: `spec` (a SiteDescription as JSON) and the
        secret `user_data` (a JSON object, server name to text)."""
        config = pulumi.Config()
        return cls(
            resource_name,
            SiteDescription.from_json(config.require("spec")),
            user_data=config.require_secret_object("user_data"),
        )

    def export(self) -> None:
        """Exports the stack outputs that moves read."""
        for name, value in self._outputs().items():
            pulumi.export(name, value)

    def _outputs(self) -> dict[str, pulumi.Output[Any]]:
        return {"address": self.address, "servers": self.servers, "bucket": self.bucket}

    def _if_there(self, kind: str, make: Callable[[], T]) -> T | None:
        return make() if kind in self._description.kinds else None

    def _new_network(self) -> Network:
        return Network("network", ip_range=IP_RANGE, subnet_range=SUBNET_RANGE, opts=self._child)

    def _new_key(self) -> SshKey:
        return SshKey("operators", public_key=self._description.ssh_public_key, opts=self._child)

    def _new_firewall(self, group: ServerGroup) -> Firewall | None:
        if self._network is None:
            return None
        return Firewall(
            group.name, network_id=self._network.id, rules=self._rules(group), opts=self._child
        )

    def _rules(self, group: ServerGroup) -> list[Rule]:
        return [
            Rule(protocol=rule.protocol, sources=rule.sources, ports=rule.ports)
            if rule.ports
            else Rule(protocol=rule.protocol, sources=rule.sources)
            for rule in self._description.rules(group)
        ]

    def _server(self, plan: PlannedServer, firewall: Firewall | None) -> Server:
        group = plan.group
        return Server(
            plan.name,
            cpus=group.cpus,
            memory=group.memory,
            network_id=None if self._network is None else self._network.id,
            firewall_id=None if firewall is None else firewall.id,
            ssh_key_id=None if self._key is None else self._key.id,
            private_address=None if self._network is None else plan.private_address,
            user_data=self._user_data.apply(lambda texts: texts[plan.name]),
            address_id=self._address.id if plan.faces_users else None,
            architecture=group.architecture,
            disk=group.disk,
            machine_types=list(group.machine_types) or None,
            image_id=self._description.image_id,
            rules=self._rules(group) if firewall is None else None,
            opts=self._child,
        )

    @staticmethod
    def _row(plan: PlannedServer, server: Server) -> pulumi.Output[dict[str, str]]:
        return pulumi.Output.all(
            id=server.id,
            name=plan.name,
            group=plan.group.name,
            public_address=server.public_address,
            private_address=server.private_address,
        )

    def _bucket(self) -> pulumi.Output[dict[str, str] | None]:
        if self._description.bucket is None:
            return pulumi.Output.from_input(None)
        bucket = Bucket("bucket", name=self._description.bucket, opts=self._child)
        return pulumi.Output.all(name=bucket.name, endpoint=bucket.endpoint, region=bucket.region)
