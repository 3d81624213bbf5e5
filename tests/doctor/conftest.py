"""An application that the doctor examines: its vault is a folder, its clouds are in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pyrage
import pytest
from tests.application import *  # noqa: F403 - what a test asks for by its name
from tests.hosts import packed
from tests.models.cloud import CloudModel

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


@dataclass
class Said(CloudModel):
    """A cloud in memory that also says what its account may run, and is asked for nothing else."""

    allows: Allowance = field(default_factory=Allowance)
    refuses: Failure | None = None
    """What it answers to whoever asks for sizes."""

    def allowance(self, servers: Mapping[str, WantedSize]) -> Allowance:
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
