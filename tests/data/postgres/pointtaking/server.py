"""A database's server that takes points: the folder of its archiver, and those of the vaults."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.data.postgres.pointtaking.played import BEHIND, PLAYED

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.data.postgres.pointtaking.main import main
from liferaft.data.postgres.pointtaking.manifest import sealed
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import CheckedVault, open_vault

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
OLD = "20261128T110000Z"
POINTS = "epoch-00000001/points"


@dataclass
class Server:
    """The folder of the archiver, and those of the vaults."""

    folder: Path

    @property
    def settings(self) -> Path:
        return self.folder / "points.json"

    def root(self, vault: str) -> Path:
        return self.folder / "vaults" / vault / "chirp"

    def vault(self, name: str) -> CheckedVault:
        config = VaultConfig(url=f"file://{self.folder}/vaults/{name}")
        return open_vault(name, config, VaultCredentials(), prefix="chirp")

    def points(self, vault: str) -> list[str]:
        return sorted(path.stem for path in (self.root(vault) / POINTS).iterdir())

    def tells(self, address: str) -> None:
        """Let it have somebody to tell that points are young."""
        (self.folder / "ping").write_text(f"{address}\n")
        told = {**json.loads(self.settings.read_text()), "ping": str(self.folder / "ping")}
        self.settings.write_text(json.dumps(told))

    @property
    def log(self) -> str:
        return (self.folder / "vaults" / "log").read_text()

    def run(self, **later: float) -> int:
        return main([str(self.settings)], lambda: NOW + timedelta(**later))


def platform() -> dict[str, str]:
    text = Path("/etc/os-release").read_text().replace('"', "")
    release = dict(line.partition("=")[::2] for line in text.splitlines())
    system = f"{release['ID']} {release.get('VERSION_ID', '')}"
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
    return {
        "system": system,
        "architecture": os.uname().machine,
        "libc": libc,
        "postgresql": "15",
        "collations": "libc C.UTF-8",
    }


def manifest() -> RecoveryPoint:
    facts = {"labels": {"main": "20261128-000000F"}, "platform": platform(), "system_id": "77"}
    parts = (
        Part("image", "chirp", 1, "2026", 1, {"stored": {"epoch-00000001/images/a": "d"}}),
        Part("postgres", "db", 1, "2026", 1, facts),
    )
    return RecoveryPoint(OLD, "chirp", 1, "east", "2026", parts)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """It reigns in epoch 1 and archives into two vaults, which have a point of yesterday."""
    programs = tmp_path / "bin"
    programs.mkdir()
    psql = "#!/bin/bash\necho 150008\n"
    for name, text in {
        "pgbackrest": PLAYED,
        "runuser": BEHIND,
        "systemd-run": BEHIND,
        "psql": psql,
    }.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("VAULTS", str(tmp_path / "vaults"))
    monkeypatch.setenv("NOW", str(int(NOW.timestamp())))
    server, etc = Server(tmp_path), tmp_path / "etc"
    for name in ("main", "second"):
        (etc / "push" / name).mkdir(parents=True)
        config = "[global]\nrepo1-path=/chirp/epoch-00000001/pgbackrest\n"
        (etc / "push" / name / "00000001.conf").write_text(config)
        (server.root(name) / POINTS).mkdir(parents=True)
        (server.root(name) / "epoch").mkdir()
        (server.root(name) / "epoch" / "00000001").write_text("east")
        key = f"{POINTS}/{OLD}.json"
        told: dict[str, Any] = json.loads(manifest().to_json())
        (server.root(name) / key).write_bytes(sealed(key, told))
    (etc / "reign").write_text("00000001\n")
    settings = {
        "site": "east",
        "data": "db",
        "every": 86400.0,
        "full_every": 7 * 86400.0,
        "backup_seconds": 60.0,
        "pgbackrest": str(etc),
    }
    server.settings.write_text(json.dumps(settings))
    return server
