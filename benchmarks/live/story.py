"""The story: one small site, in the order of what is least sure, machines last.

Each step says in words what it asks and what is expected of the answer, so that what comes instead
can be told. Steps raise what the product raises, or Differs.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.live import APP
from benchmarks.live.answers import Differs
from benchmarks.live.reach import Reach
from liferaft.clouds.contract import SITE, Cloud, Owner
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
from liferaft.clouds.sizes import WantedSize
from liferaft.clouds.systems import DEFAULT_SYSTEM, System
from liferaft.provision.orphans import ORDER
from liferaft.vault.probe import probe

EPOCH = 1
OBJECTS = 5
SMALLEST = WantedSize(cpus=1, memory=1024, disk=20, architecture="x86_64")
PRIVATE_ADDRESS = "10.20.1.11"
EVERYWHERE = ("0.0.0.0/0",)


@dataclass
class Scene:
    """What the story is played with, and what it has made by kind."""

    cloud: Cloud
    run: str
    bucket: str
    reach: Reach
    system: System = DEFAULT_SYSTEM
    made: dict[str, Any] = field(default_factory=dict)

    def create(self, kind: str, spec: Any) -> None:
        things = self.cloud.kinds[kind]
        self.made[kind] = things.create(spec, self.owner(kind))
        again = things.create(spec, self.owner(kind))
        if again.id != self.made[kind].id:
            raise Differs("asked a second time, it made a second one")
        self.require_listed(kind)

    def owner(self, kind: str) -> Owner:
        return Owner.of(
            f"urn:liferaft:live:{self.run}::{kind}", app=APP, site=self.run, epoch=EPOCH
        )

    def id_of(self, kind: str) -> str | None:
        """None where the cloud has no such kind."""
        return self.made[kind].id if kind in self.cloud.kinds else None

    def require_listed(self, kind: str) -> None:
        things = self.cloud.kinds[kind]
        rows = things.owned_by(app=APP, site=self.run)
        if [row.id for row in rows] != [self.made[kind].id]:
            raise Differs(f"the listing by our labels shows {len(rows)} of them instead of one")
        if rows[0].labels.get(SITE) != self.run:
            raise Differs("what is listed does not carry the site that it was listed by")
        if things.owned_by(app=APP, site=f"{self.run}-other"):
            raise Differs("a listing by another site's labels shows it as well")


@dataclass(frozen=True)
class LiveStep:
    """`needs` are the steps without which it makes no sense; `kind` what the cloud must have."""

    name: str
    asked: str
    expected: str
    act: Callable[[Scene], None]
    needs: tuple[str, ...] = ()
    kind: str = ""


def steps() -> tuple[LiveStep, ...]:
    """In their order."""
    return (
        LiveStep("token", "who we are", "the credentials open the account", _ask_who),
        LiveStep(
            "types",
            "which types of servers fit a small server",
            "some do, each with its price",
            _ask_types,
            needs=("token",),
        ),
        LiveStep(
            "allowance",
            "whether this account may run such a server",
            "nothing stands against it",
            _ask_allowance,
            needs=("types",),
        ),
        *_listings(),
        _making("network", _network),
        _making("ssh_key", _ssh_key),
        _making("firewall", _firewall, "network"),
        _making("bucket", _bucket),
        LiveStep(
            "objects",
            f"{OBJECTS} objects written, read, listed and deleted",
            "each is there at once, and gone when it was deleted",
            _use_objects,
            needs=("bucket",),
            kind="bucket",
        ),
        LiveStep(
            "conditional writes",
            "the same object created twice, and by sixteen at once",
            "exactly one is told that it was the first",
            _write_conditionally,
            needs=("objects",),
            kind="bucket",
        ),
        _making("address", _address),
        _making("server", _server, "network", "firewall", "ssh_key", "address"),
        LiveStep(
            "ssh",
            "a login over SSH with the host key of the user data",
            "the server lets us in as root, with its private address",
            _log_in,
            needs=("server",),
            kind="server",
        ),
        _making("volume", _volume, "server"),
        LiveStep(
            "device",
            "the volume's device on the server",
            "it is a block device",
            _see_device,
            needs=("ssh", "volume"),
            kind="volume",
        ),
        _making("machine_image", _machine_image, "server"),
        *(_deleting(kind) for kind in ORDER),
    )


def _listings() -> Sequence[LiveStep]:
    return [
        LiveStep(
            f"list {kind}",
            f"every {kind.replace('_', ' ')} by labels that nothing carries",
            "an empty list",
            lambda scene, kind=kind: _list_nothing(scene, kind),  # type: ignore[misc]  # mypy: no default in a lambda
            needs=("token",),
            kind=kind,
        )
        for kind in KINDS
    ]


def _making(kind: str, spec: Callable[[Scene], Any], *needs: str) -> LiveStep:
    return LiveStep(
        kind,
        f"a {kind.replace('_', ' ')}, twice with one token, then its listing by our labels",
        "one is made, and listed for its site alone",
        lambda scene: scene.create(kind, spec(scene)),
        needs=(f"list {kind}", *needs),
        kind=kind,
    )


def _deleting(kind: str) -> LiveStep:
    return LiveStep(
        f"delete {kind}",
        f"the {kind.replace('_', ' ')} deleted, twice",
        "it is gone, and listed no more",
        lambda scene: _delete(scene, kind),
        needs=(kind,),
        kind=kind,
    )


def _ask_who(scene: Scene) -> None:
    scene.cloud.account()


def _ask_types(scene: Scene) -> None:
    if not all(size.price for size in scene.cloud.sizes(SMALLEST)):
        raise Differs("a type that fits has no price")


def _ask_allowance(scene: Scene) -> None:
    found = scene.cloud.allowance({f"{APP}-{scene.run}-app-1": SMALLEST}).obstacles
    if found:
        raise Differs("; ".join(one.facts.happened for one in found))


def _list_nothing(scene: Scene, kind: str) -> None:
    if found := len(scene.cloud.kinds[kind].owned_by(app=APP, site=f"{scene.run}-other")):
        raise Differs(f"{found} are listed")


def _network(_: Scene) -> NetworkSpec:
    return NetworkSpec("network")


def _ssh_key(scene: Scene) -> SshKeySpec:
    return SshKeySpec("operators", scene.reach.client.public)


def _firewall(scene: Scene) -> FirewallSpec:
    return FirewallSpec("app", scene.made["network"].id, (Rule("tcp", EVERYWHERE, "22"),))


def _bucket(scene: Scene) -> BucketSpec:
    return BucketSpec(scene.bucket)


def _address(_: Scene) -> AddressSpec:
    return AddressSpec("entry")


def _server(scene: Scene) -> ServerSpec:
    return ServerSpec(
        name="app-1",
        cpus=SMALLEST.cpus,
        memory=SMALLEST.memory,
        user_data=scene.reach.user_data(),
        network_id=scene.id_of("network"),
        firewall_id=scene.id_of("firewall"),
        ssh_key_id=scene.id_of("ssh_key"),
        private_address=PRIVATE_ADDRESS,
        address_id=scene.id_of("address"),
        disk=SMALLEST.disk,
        system=scene.system,
    )


def _volume(scene: Scene) -> VolumeSpec:
    return VolumeSpec("uploads", 10, scene.made["server"].id)


def _machine_image(scene: Scene) -> MachineImageSpec:
    return MachineImageSpec("equipped", scene.made["server"].id)


def _use_objects(scene: Scene) -> None:
    store = scene.reach.store(scene.made["bucket"])
    keys = [f"objects/{number}" for number in range(OBJECTS)]
    for key in keys:
        store.put(key, key.encode())
        if store.get(key) != key.encode():
            raise Differs("what was read is not what was written")
    if (found := list(store.list("objects"))) != keys:
        raise Differs(f"{len(found)} of {OBJECTS} objects are listed")
    for key in keys:
        store.delete(key)
    if store.list("objects"):
        raise Differs("what was deleted is listed")


def _write_conditionally(scene: Scene) -> None:
    seen = probe(scene.reach.store(scene.made["bucket"]))
    if seen.faults:
        raise Differs("; ".join(seen.faults))


def _log_in(scene: Scene) -> None:
    server = scene.made["server"]
    addresses = asyncio.run(scene.reach.addresses(server.public_address))
    if server.private_address not in addresses:
        raise Differs("the server does not have the private address that its cloud tells")


def _see_device(scene: Scene) -> None:
    server, volume = scene.made["server"], scene.made["volume"]
    if not asyncio.run(scene.reach.has_device(server.public_address, volume.device)):
        raise Differs("there is no block device of that name")


def _delete(scene: Scene, kind: str) -> None:
    things, ident = scene.cloud.kinds[kind], scene.made[kind].id
    things.delete(ident)
    things.delete(ident)
    if things.read(ident) is not None:
        raise Differs("it can still be read")
    if things.owned_by(app=APP, site=scene.run):
        raise Differs("it is still listed")
