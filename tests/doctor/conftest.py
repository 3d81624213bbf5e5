"""An application that the doctor examines: its vault is a folder, its clouds are in memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, cast

import pyrage
import pytest
from dns.resolver import NoResolverConfiguration
from tests.application import *  # noqa: F403 - what a test asks for by its name
from tests.hosts import packed
from tests.models.cloud import CloudModel
from tests.models.dns import ZONES, Zone

from liferaft.clouds.contract import Allowance, Cloud
from liferaft.clouds.sizes import Size, WantedSize
from liferaft.config import Config
from liferaft.doctor.asking import examine
from liferaft.doctor.check import Check, Examined
from liferaft.doctor.patient import Patient
from liferaft.failures import Failure
from liferaft.secrets import ensure_secrets
from liferaft.site.site import Site
from liferaft.vault import EpochChain, EpochRecord, Vault

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
Find = Callable[..., list[Examined]]
ONE = """\
class = "octodns_powerdns.PowerDnsProvider"
host = "192.0.2.1"
api_key = "env/POWERDNS_API_KEY"
"""
IN_MEMORY = (ONE, 'class = "tests.models.dns.DnsModel"\naccount = "doctor"\n')


@pytest.fixture(autouse=True)
def _nothing_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name server outside is asked for anything."""

    def lack() -> NoReturn:
        raise NoResolverConfiguration

    monkeypatch.setattr("dns.asyncresolver.get_default_resolver", lack)


@dataclass
class Said(CloudModel):
    """A cloud in memory that also says what its account may run, and is asked for nothing else."""

    allows: Allowance = field(default_factory=Allowance)
    refuses: Failure | None = None
    """What it answers to whoever asks for sizes."""

    def allowance(
        self, servers: Mapping[str, WantedSize], *, has_bucket: bool = False
    ) -> Allowance:
        return self.allows

    def sizes(self, wanted: WantedSize) -> tuple[Size, ...]:
        if self.refuses is not None:
            raise self.refuses
        return (Size("m2", 2, 4096, "x86_64", 0.1),)


@pytest.fixture
def clouds(monkeypatch: pytest.MonkeyPatch) -> Mapping[str, Said]:
    """By site. Nothing of a real SDK is loaded."""
    known = {"east": Said(name="aws"), "north": Said(name="hetzner")}

    def opened(site: Site, _patience: object = None) -> Cloud:
        return cast("Cloud", known[site.name])

    monkeypatch.setattr(Site, "cloud", opened)
    return known


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What an operator has set."""
    identity, key = tmp_path / "identity", pyrage.x25519.Identity.generate()
    identity.write_text(str(key))
    identity.chmod(0o600)
    buckets = ("EAST", "NORTH")
    keys = {f"LIFERAFT_BUCKET_{one}_{kind}": "set" for one in buckets for kind in _PAIR}
    return {
        "LIFERAFT_IDENTITY_FILE": str(identity),
        "LIFERAFT_RECIPIENT": str(key.to_public()),
        "POWERDNS_API_KEY": "set",
        **keys,
    }


_PAIR = ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")


@pytest.fixture
def east_reigns(vault: Vault, environ: dict[str, str]) -> None:
    """With the application's secrets."""
    recipients, identity = [environ["LIFERAFT_RECIPIENT"]], Path(environ["LIFERAFT_IDENTITY_FILE"])
    ensure_secrets(vault, 1, recipients=recipients, identity_file=identity)
    record = EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z", system="debian-13")
    EpochChain(vault).claim(record)


@pytest.fixture
def patient(
    configured: Callable[..., Config], vault: Vault, environ: dict[str, str], tmp_path: Path
) -> Callable[..., Patient]:
    """As the doctor is called: with pieces of liferaft.toml replaced."""
    (tmp_path / "chirp.oci.tar").write_bytes(packed.image("chirp:1"))
    health = 'health = "https://www.chirp.test/healthz"'

    def call(*changes: tuple[str, str], **asked: Any) -> Patient:
        config = configured((health, f'{health}\nimages = ["chirp.oci.tar"]'), *changes)
        return Patient.of(config, vault, environ, **{"now": NOW, **asked})

    return call


@pytest.fixture
def find() -> Find:
    """What came of a family's questions of one name."""

    def ask(checks: Any, name: str) -> list[Examined]:
        wanted: list[Check] = [one for one in checks if one.name == name]
        assert wanted, name
        return list(examine(wanted))

    return ask


def rows(kind: str, ttl: int, *values: str) -> dict[tuple[str, str], dict[str, Any]]:
    """What a zone has at the app's name."""
    said = {"value": values[0]} if kind == "CNAME" else {"values": list(values)}
    return {("www", kind): {"type": kind, "ttl": ttl, **said}}


@pytest.fixture
def zone() -> Iterator[Zone]:
    ZONES["doctor"] = Zone(rows("A", 60, "203.0.113.9"))
    yield ZONES["doctor"]
    del ZONES["doctor"]
