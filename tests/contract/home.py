"""An app's home at a cloud: specs whose references exist."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from liferaft.clouds.contract import Cloud, Owner
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.kinds import (
    KINDS,
    AddressSpec,
    BucketSpec,
    FirewallSpec,
    MachineImageSpec,
    NetworkSpec,
    Rule,
    ServerSpec,
    SshKeySpec,
    VolumeSpec,
)
from liferaft.clouds.lookup import resource
from liferaft.clouds.systems import SYSTEMS
from liferaft_sandbox.lab.systems import chosen_system

if TYPE_CHECKING:
    from collections.abc import Callable

SITE = "here"
EPOCH = 3
EVERYWHERE = ("0.0.0.0/0",)
PRIVATE_ADDRESS = "10.20.2.11"
USER_DATA = "#!/bin/sh\ntrue\n"

HURRY = Patience(
    attempts=6,
    budget=60,
    wait_initial=0.01,
    wait_max=0.1,
    jitter=0,
    poll=0.01,
    poll_max=0.05,
    settle=0.5,
    ready=60,
    imaged=60,
    gone=60,
)
"""Short pauses, and long deadlines: only what never happens costs `settle`, which is looked for at
least once, and `ready` or `gone`, which a test about that shortens."""


@dataclass
class Home:
    """Makes what is asked for, and what it refers to on the way: the same things every time."""

    cloud: Cloud
    public_key: str
    app: str
    site: str = SITE
    epoch: int = EPOCH
    mark: str = ""
    """In the names of buckets, which the whole world shares at a real cloud."""

    def things(self, kind: str) -> Any:
        """Raises Unsupported where the cloud does not declare the kind."""
        return resource(self.cloud, KINDS[kind])

    def owner(self, of: str) -> Owner:
        urn = f"urn:pulumi:{self.site}::{self.app}::liferaft:index:Thing::{of}"
        return Owner.of(urn, app=self.app, site=self.site, epoch=self.epoch)

    def spec(self, kind: str) -> Any:
        makers: dict[str, Callable[[], Any]] = {
            "network": lambda: NetworkSpec("network", subnet_range="10.20.0.0/20"),
            "firewall": self._firewall,
            "ssh_key": lambda: SshKeySpec("operators", self.public_key),
            "address": lambda: AddressSpec("entry"),
            "server": self._server,
            "volume": lambda: VolumeSpec("uploads", 10, self.make("server")),
            "machine_image": lambda: MachineImageSpec("equipped", self.make("server")),
            "bucket": lambda: BucketSpec(f"{self.app}{self.mark}-media"),
        }
        self.things(kind)
        return makers[kind]()

    def create(self, kind: str) -> Any:
        """The facts of a thing of this kind."""
        return self.things(kind).create(self.spec(kind), self.owner(kind))

    def make(self, kind: str) -> str:
        """Its id."""
        return str(self.create(kind).id)

    def delete(self, kind: str) -> None:
        self.things(kind).delete(self.make(kind))

    def _if_declared(self, kind: str) -> str | None:
        return self.make(kind) if kind in self.cloud.kinds else None

    def _firewall(self) -> FirewallSpec:
        return FirewallSpec("app", self.make("network"), (Rule("tcp", EVERYWHERE, "22"),))

    def plain_server(self) -> ServerSpec:
        """Without a reserved address: that may say where the server has to be."""
        self.things("server")
        return ServerSpec(
            name="app-1",
            cpus=2,
            memory=4096,
            network_id=self._if_declared("network"),
            firewall_id=self._if_declared("firewall"),
            ssh_key_id=self._if_declared("ssh_key"),
            private_address=PRIVATE_ADDRESS,
            user_data=USER_DATA,
            system=SYSTEMS[chosen_system().name],
        )

    def _server(self) -> ServerSpec:
        return replace(self.plain_server(), address_id=self._if_declared("address"))
