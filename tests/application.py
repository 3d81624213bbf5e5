"""An application in a folder, and a vault that is a folder beside it."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import pytest
from pydantic import SecretStr
from tests.loading import load

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.config import Config, Credentials, VaultCredentials
from liferaft.plan.plan import Plan
from liferaft.provision.engine.contract import LockHolder, OnEvent, Outcome, Request
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.secrets import AppSecrets
from liferaft.site.site import Site
from liferaft.site.world import World
from liferaft.vault import CheckedVault, EpochChain, EpochRecord, Vault, open_vault

__all__ = [
    "before",
    "config",
    "configured",
    "has_point",
    "in_a_bucket",
    "operated",
    "reigns",
    "vault",
    "wide",
    "world",
]
COMPOSE = """\
services:
  web: {image: "chirp:1", ports: ["8080:80"]}
  worker: {image: "chirp:1"}
"""
IMAGE = Part(
    "image",
    "chirp-1",
    1,
    "2026-11-22T14:00:00Z",
    1,
    {"digest": "d", "names": ["localhost/chirp:1"]},
)
PLAIN = """\
[app]
name = "chirp"
domain = "www.chirp.test"
health = "https://www.chirp.test/healthz"

[vaults.main]
url = "file://{folder}/vault"

[sites.east]
cloud = "aws"
region = "us-east-1"
role = "primary"

[sites.north]
cloud = "hetzner"
region = "fsn1"
sizes = {{ app = "cx32" }}

[servers.db]
cpus = 2
memory = "4GiB"
runs = ["postgres"]

[servers.app]
cpus = 2
memory = "512MiB"
runs = ["web"]

[data.db]
kind = "postgres"

[data.media]
kind = "bucket"

[dns]
zone = "chirp.test"
[dns.vendors.one]
class = "octodns_powerdns.PowerDnsProvider"
host = "192.0.2.1"
api_key = "env/POWERDNS_API_KEY"

[tls]
email = "ops@chirp.test"

[operators]
recipients = ["env/LIFERAFT_RECIPIENT"]
"""
SECOND_VENDOR = """\
[dns.vendors.two]
class = "octodns_powerdns.PowerDnsProvider"
host = "192.0.2.2"
api_key = "env/POWERDNS_API_KEY"

[tls]"""

Configured = Callable[..., Config]
Reigns = Callable[[int, str], None]


@dataclass
class Unasked:
    """An engine that answers what a site exports, and must not be asked for anything else."""

    outputs: Mapping[str, Any] = field(default_factory=dict)

    async def export(self, request: Request) -> dict[str, Any]:
        stack = {"type": "pulumi:pulumi:Stack", "outputs": self.outputs}
        return {"deployment": {"resources": [stack]}} if self.outputs else {}

    async def preview(self, request: Request, on_event: OnEvent) -> Outcome:
        raise AssertionError

    async def up(self, request: Request, on_event: OnEvent) -> Outcome:
        raise AssertionError

    async def destroy(self, request: Request, on_event: OnEvent) -> Outcome:
        raise AssertionError

    async def refresh(
        self, request: Request, on_event: OnEvent, *, preview: bool = False
    ) -> Outcome:
        raise AssertionError

    async def import_(self, request: Request, deployment: Mapping[str, Any]) -> None:
        raise AssertionError

    async def cancel(self, request: Request) -> tuple[LockHolder, ...]:
        raise AssertionError


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    """The plain application, with pieces of its text replaced."""

    def write(*changes: tuple[str, str]) -> Config:
        (tmp_path / "compose.yaml").write_text(COMPOSE)
        (tmp_path / "Pulumi.yaml").write_text("name: chirp\nruntime: python\n")
        text = PLAIN.format(folder=tmp_path)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "liferaft.toml"
        path.write_text(text)
        return load(path)

    return write


@pytest.fixture
def config(configured: Configured) -> Config:
    """One database server, one application server, one DNS vendor."""
    return configured()


@pytest.fixture
def wide(configured: Configured) -> Config:
    """Three application servers, a group of workers, two DNS vendors."""
    workers = '[servers.jobs]\ncpus = 1\nmemory = "1GiB"\ncount = 2\nruns = ["worker"]\n\n[data.db]'
    return configured(
        ('runs = ["web"]', 'runs = ["web"]\ncount = 3'),
        ("[data.db]", workers),
        ("[tls]", SECOND_VENDOR),
    )


@pytest.fixture
def vault(config: Config) -> CheckedVault:
    return open_vault("main", config.vaults["main"], VaultCredentials(), prefix=config.app.name)


@pytest.fixture
def reigns(vault: Vault) -> Reigns:
    """Let a site begin the next reign."""

    def begin(epoch: int, site: str) -> None:
        run, at = f"run-{epoch}", "2026-11-22T14:00:00Z"
        EpochChain(vault).claim(EpochRecord(epoch, site, run, at, system=DEFAULT_SYSTEM))

    return begin


@pytest.fixture
def has_point(vault: Vault) -> Callable[[int, str], None]:
    """Let a reign have a recovery point."""

    def write(epoch: int, name: str) -> None:
        part = Part("postgres", "db", epoch, "2026-11-22T14:00:00Z", 1)
        publish(vault, RecoveryPoint(name, "chirp", epoch, "east", part.taken_at, (part, IMAGE)))

    return write


@pytest.fixture
def world(config: Config, vault: Vault, tmp_path: Path) -> World:
    """The site `north` as its servers and the operator have it; nothing answers there."""
    site = Site(
        name="north",
        config=config,
        credentials=Credentials(
            vaults={"main": VaultCredentials()},
            buckets={},
            recipients=(),
            identity_file=tmp_path / "identity",
            users_ca_file=None,
            acme_ca_file=None,
            dns={},
        ),
        environment={},
        vault=vault,
        engine=Unasked(
            {
                "address": "198.51.100.7",
                "servers": [
                    _server("db-1", "10.0.1.1"),
                    _server("app-1", "10.0.2.1"),
                    _server("app-2", "10.0.2.2"),
                ],
                "bucket": {"name": "media", "endpoint": "https://s3.test", "region": "r"},
            }
        ),
        secrets_epoch=1,
    )
    site.use_secrets(AppSecrets.generate())
    return World.of(site)


@pytest.fixture
def operated(world: World, tmp_path: Path) -> World:
    """The world of an operator who can open secrets."""
    identity = pyrage.x25519.Identity.generate()
    file = tmp_path / "identity"
    file.touch(mode=0o600)
    file.write_text(str(identity))
    world.site.credentials = dataclasses.replace(
        world.site.credentials, identity_file=file, recipients=(str(identity.to_public()),)
    )
    return world


def _server(name: str, private: str) -> dict[str, str]:
    group = name.partition("-")[0]
    return {
        "id": f"id-of-{name}",
        "name": name,
        "group": group,
        "public_address": "198.51.100.9",
        "private_address": private,
    }


@pytest.fixture
def before() -> Callable[[Plan, str], set[str]]:
    """Names of all steps that are through before one begins."""

    def ancestors(plan: Plan, name: str) -> set[str]:
        needs = {step.name: set(step.needs) for step in plan.steps}
        found: set[str] = set()
        frontier = {name}
        while frontier:
            frontier = set().union(*(needs[one] for one in frontier)) - found
            found |= frontier
        return found

    return ancestors


@pytest.fixture
def in_a_bucket(
    world: World, configured: Callable[..., Config], tmp_path: Path
) -> Callable[[str], World]:
    """The world with a vault that servers can reach."""

    def opened(url: str) -> World:
        world.site.config = configured((f"file://{tmp_path}/vault", url))
        keys = VaultCredentials(SecretStr("id"), SecretStr("secret"), None)
        world.site.credentials = dataclasses.replace(world.site.credentials, vaults={"main": keys})
        return world

    return opened
