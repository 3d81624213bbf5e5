"""The command line in this process, in a folder of its own, with a vault that is a folder."""

import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest
from tests.hosts import packed

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.secrets import ensure_secrets
from liferaft.vault import EpochChain, EpochRecord, Vault, open_vault
from liferaft_cli.main import main

COMPOSE = "services:\n  web:\n    image: chirp:1\n    ports: ['127.0.0.1:8080:80']\n"
LIFERAFT_TOML = """\
[app]
name = "chirp"
domain = "www.chirp.test"
health = "https://www.chirp.test/healthz"
images = ["chirp.oci.tar"]

[vaults.main]
url = "file://{folder}/vault"

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
memory = "1GiB"
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
IDENTITY = "LIFERAFT_IDENTITY_FILE"
VARIABLES = (
    "POWERDNS_API_KEY",
    "LIFERAFT_RECIPIENT",
    "LIFERAFT_IDENTITY_FILE",
    "LIFERAFT_BUCKET_EAST_ACCESS_KEY_ID",
    "LIFERAFT_BUCKET_EAST_SECRET_ACCESS_KEY",
    "LIFERAFT_BUCKET_NORTH_ACCESS_KEY_ID",
    "LIFERAFT_BUCKET_NORTH_SECRET_ACCESS_KEY",
)


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an operator works: a whole configuration, all variables set."""
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    (tmp_path / "chirp.oci.tar").write_bytes(packed.image("chirp:1"))
    (tmp_path / "Pulumi.yaml").write_text("name: chirp\nruntime: python\n")
    (tmp_path / "liferaft.toml").write_text(LIFERAFT_TOML.format(folder=tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in VARIABLES:
        monkeypatch.setenv(name, "set")
    identity, key = tmp_path / "identity", pyrage.x25519.Identity.generate()
    identity.write_text(str(key))
    monkeypatch.setenv("LIFERAFT_RECIPIENT", str(key.to_public()))
    identity.chmod(0o600)
    monkeypatch.setenv("LIFERAFT_IDENTITY_FILE", str(identity))
    return tmp_path


@pytest.fixture
def liferaft(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    """Run a command; `typed` is what the operator types."""

    def run(*arguments: str, typed: str = "") -> Ran:
        assert Path.cwd() == folder
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as leave:
            main(arguments)
        said = capsys.readouterr()
        return Ran(int(leave.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def vault(folder: Path) -> Vault:
    url = VaultConfig(url=f"file://{folder}/vault")
    return open_vault("main", url, VaultCredentials(), prefix="chirp")


@pytest.fixture
def east_reigns(vault: Vault) -> None:
    """With the application's secrets."""
    recipient, identity = os.environ["LIFERAFT_RECIPIENT"], Path(os.environ[IDENTITY])
    ensure_secrets(vault, 1, recipients=[recipient], identity_file=identity)
    EpochChain(vault).claim(EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z"))
