"""One application in a modelled world: its vault, clouds, servers, name and engine.

A Scene is all that outlives liferaft's own process, and can be copied whole. A Process is one run
of a command on it: whatever it asks goes over one line, which may fail.
"""

import copy
import dataclasses
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import pyrage
from pydantic import SecretStr
from tests.hosts.packed import image
from tests.models.cloud import Account, CloudModel, Thing
from tests.models.dns import ZONES, Zone
from tests.models.engine import EngineModel
from tests.models.host import HostModel
from tests.models.line import Line
from tests.models.machine import Machine
from tests.models.operation import State
from tests.models.programs import edge, ssh
from tests.models.programs.packages import install
from tests.models.vault import Absence, Shelf, VaultModel

from liferaft.config import Config, Credentials, VaultCredentials, load
from liferaft.config.credentials import AccessKeyPair
from liferaft.data.registry import configs
from liferaft.remote import Host, HostKeyMismatch, Unreachable
from liferaft.secrets import public_key
from liferaft.site.site import Site
from liferaft.site.world import World
from liferaft.vault import CheckedVault, EveryVault, Vault

T = TypeVar("T")
ACCOUNT = "the name's"
SHELF = "shelf"
RUN = "run-of-the-test"
KEYS = AccessKeyPair(SecretStr("id"), SecretStr("key"))
TOML = """\
[app]
name = "chirp"
domain = "www.chirp.test"
health = "https://www.chirp.test/healthz"
starts_within = 10
images = ["chirp.oci.tar"]

[vaults.main]
url = "s3://shelf"
endpoint = "https://objects.vault.test"

[sites.east]
cloud = "aws"
region = "us-east-1"
role = "primary"

[sites.north]
cloud = "hetzner"
region = "fsn1"

[servers.db]
cpus = 2
memory = "4GiB"
runs = ["postgres"]

[servers.app]
cpus = 2
memory = "4GiB"
count = 2
runs = ["web", "migrate"]

[data.db]
kind = "postgres"

[data.media]
kind = "bucket"

[dns]
zone = "chirp.test"
vendors.one = {class = "tests.models.dns.DnsModel", account = "the name's"}

[tls]
email = "ops@chirp.test"

[operators]
recipients = ["env/LIFERAFT_RECIPIENT"]
[jobs]
tidy = {schedule = "0 3 * * *", service = "web", command = ["tidy"]}

[snapshots]
every = "1d"
keep = {hourly = 1, daily = 1, weekly = 1}
"""
COMPOSE = 'services:\n  web: {image: "localhost/chirp:1", ports: ["8080:80"]}\n'
COMPOSE += '  migrate: {image: "localhost/chirp:1", restart: "no"}\n'
NAME_SERVERS = {"type": "NS", "ttl": 3600, "values": ["ns1.vendor.test.", "ns2.vendor.test."]}


@dataclass(frozen=True)
class Written:
    """What the operator has in a folder: the same for all scenes."""

    config: Config
    identity_file: Path
    recipient: str


def written(folder: Path, toml: str = TOML) -> Written:
    """The files of the application, written there."""
    (folder / "compose.yaml").write_text(COMPOSE)
    (folder / "Pulumi.yaml").write_text("name: chirp\nruntime: python\n")
    (folder / "chirp.oci.tar").write_bytes(image("localhost/chirp:1"))
    (folder / "liferaft.toml").write_text(toml)
    identity = pyrage.x25519.Identity.generate()
    key_file = folder / "identity"
    key_file.touch(0o600)
    key_file.write_text(str(identity))
    config = load(folder / "liferaft.toml", configs())
    return Written(config, key_file, str(identity.to_public()))


@dataclass
class Scene:
    """Everything that stays when liferaft's process is gone. `machines`: by their servers' ids."""

    shelf: Shelf = field(default_factory=Shelf)
    accounts: dict[str, Account] = field(default_factory=dict)
    states: dict[tuple[str, str], State] = field(default_factory=dict)
    zone: dict[Any, Any] = field(default_factory=lambda: {("", "NS"): dict(NAME_SERVERS)})
    machines: dict[str, Machine] = field(default_factory=dict)
    outside: dict[str, dict[str, bytes]] = field(default_factory=dict)
    images: dict[str, set[str]] = field(default_factory=dict)
    slept: float = 0.0
    """Seconds that were waited for in it, and took none."""

    def __post_init__(self) -> None:
        self.outside[SHELF] = self.shelf.objects

    def copy(self) -> "Scene":
        """Another world in the same state: what happens in the one does not in the other."""
        outside = {bucket: dict(objects) for bucket, objects in self.outside.items()}
        return Scene(
            shelf=Shelf(outside[SHELF], dict(self.shelf.written)),
            accounts={name: account.copy() for name, account in self.accounts.items()},
            states={stack: state.copy() for stack, state in self.states.items()},
            zone=copy.deepcopy(self.zone),
            machines={ident: one.copy(outside) for ident, one in self.machines.items()},
            outside=outside,
            images={ident: set(packages) for ident, packages in self.images.items()},
            slept=self.slept,
        )

    def made(self, thing: Thing) -> None:
        """A server boots, a bucket is empty, an image holds what its server has."""
        if thing.kind == "bucket":
            self.outside.setdefault(thing.spec.name, {})
        elif thing.kind == "machine_image":
            self.images[thing.facts.id] = set(self.machines[thing.spec.server_id].packages)
        elif thing.kind == "server":
            machine = Machine(thing.facts.public_address, self.outside)
            self.machines[thing.facts.id] = machine
            for name in sorted(self.images.get(thing.spec.image_id or "", {"curl"})):
                install(machine, name)
            ssh.booted(machine)
            code, _, said = at_once(machine.execute(thing.spec.user_data, b"", 600.0))
            assert code == 0, said.decode()

    def gone(self, thing: Thing) -> None:
        if thing.kind == "bucket":
            self.outside.pop(thing.spec.name, None)
        elif thing.kind == "server":
            del self.machines[thing.facts.id]

    def machine_at(self, address: str) -> Machine | None:
        return next((m for m in self.machines.values() if m.address == address), None)

    def answers(self, url: str, address: str, ca_file: Path | None) -> str | None:
        """Why the health URL is not answered well at an address; None if it is."""
        machine, domain = self.machine_at(address), url.split("/")[2]
        if machine is None:
            return "TimeoutError: timed out"
        said = edge.answers(machine, domain, app=edge.has_app(machine))
        return None if said == "app" else f"it answers {503 if said else 'nothing'}"

    @property
    def refused(self) -> list[str]:
        return [one for machine in self.machines.values() for one in machine.refused]


def at_once(work: Awaitable[T]) -> T:
    """The end of a coroutine that waits for nobody."""
    steps = work.__await__()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("T", end.value)


class _HostsKnowDeclared(Site):
    @property
    def vault_order(self) -> tuple[str, ...]:
        return tuple(self.config.vaults)


@dataclass
class Process:
    """One command of the operator's, for one site."""

    scene: Scene
    given: Written
    site: str
    epoch: int
    line: Line = field(default_factory=Line)
    waits: int = 0
    gone: str = ""
    """The name of a vault that would lead before the usual one, and does not answer; none. It is
    one of records alone: what hosts keep goes to those that are declared."""

    def __post_init__(self) -> None:
        ZONES[ACCOUNT] = Zone(self.scene.zone, self.line)

    @property
    def vault(self) -> Vault:
        usual = CheckedVault(VaultModel(self.scene.shelf, line=self.line))
        if not self.gone:
            return usual
        gone = VaultModel(name=self.gone, absence=Absence.UNREACHABLE)
        return EveryVault([CheckedVault(gone), usual])

    def cloud(self, name: str, region: str) -> CloudModel:
        number = len(self.scene.accounts) + 1
        account = self.scene.accounts.setdefault(name, Account(number))
        scene = self.scene
        return CloudModel(account, name, region, self.line, made=scene.made, gone=scene.gone)

    def world(self) -> World:
        """As this process sees it."""
        config = self.given.config
        declared = config.sites[self.site]
        site = _HostsKnowDeclared(
            name=self.site,
            config=config,
            credentials=self._credentials(),
            environment={},
            vault=self.vault,
            engine=EngineModel(
                self.cloud(declared.cloud, declared.region), self.scene.states, self.line
            ),
            secrets_epoch=self.epoch,
        )
        world = World.of(site)
        world.run = dataclasses.replace(world.run, name=RUN)
        return world

    def _credentials(self) -> Credentials:
        keys = VaultCredentials(KEYS.access_key_id, KEYS.secret_access_key)
        return Credentials(
            vaults=dict.fromkeys(self.given.config.vaults, keys),
            buckets={self.site: KEYS},
            recipients=(self.given.recipient,),
            identity_file=self.given.identity_file,
            users_ca_file=None,
            acme_ca_file=None,
            dns={"one": {"account": ACCOUNT}},
        )

    async def connect(
        self,
        address: str,
        *,
        client_key: SecretStr,
        host_keys: Sequence[str],
        deadline: float,
        **_: object,
    ) -> Host:
        """As `remote.connect`."""
        with self.line.request(f"{address}: connect", _unreachable):
            machine = self.scene.machine_at(address)
            if machine is None:
                raise _unreachable(f"SSH at {address}")
            if machine.kept["shown key"] not in host_keys:
                raise HostKeyMismatch(f"{address} shows another key")
            if not ssh.lets_in(machine, public_key(client_key)):
                raise _unreachable(f"{address} does not let us in")
            return HostModel(machine, self.line)

    def users_see(self, url: str, address: str, ca_file: Path | None) -> str | None:
        """As `prove.ailment_of`: a request that is not answered is an ailment of its own."""
        try:
            with self.line.request(f"users: {url}", TimeoutError):
                return self.scene.answers(url, address, ca_file)
        except TimeoutError as silence:
            return f"TimeoutError: {silence}"


def _unreachable(what: str) -> Unreachable:
    return Unreachable(f"Waited for {what}, in vain", details={"host": what})
