"""A vault that is a folder, and journals written by hand into it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.application import config, configured, world

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.evidence.kept import NAMESPACE
from liferaft.journal import Event, RunName
from liferaft.secrets import AppSecrets, Signer
from liferaft.vault import EpochChain, EpochRecord, Vault, layout, open_vault

__all__ = ["config", "configured", "world"]
Row = tuple[float, str, dict[str, Any]]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    url = VaultConfig(url=f"file://{tmp_path}/vault")
    return open_vault("main", url, VaultCredentials(), prefix="chirp")


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer.of("chirp", NAMESPACE, AppSecrets.generate())


@pytest.fixture
def journal(vault: Vault) -> Callable[..., RunName]:
    """Write a run: rows of second, kind, facts; the first one begins it at 14:00:00."""

    def write(
        rows: Sequence[Row],
        *,
        run: str = "20261122T140000000Z-aa",
        epoch: int = 2,
        move: str = "failover",
        site: str = "north",
        about: Mapping[str, Any] | None = None,
        among: str = layout.RUNS,
        **inputs: Any,
    ) -> RunName:
        name = RunName(epoch, run, among=among)
        inputs = {"site": site, "epoch": epoch, "reigns": True} | inputs
        beginning = {"move": move, "site": site, "inputs": inputs, "digest": "d"}
        beginning |= {"about": dict(about)} if about else {}
        for seq, (second, kind, facts) in enumerate([(0.0, "run-started", beginning), *rows], 1):
            at = f"2026-11-22T14:{int(second) // 60:02}:{second % 60:06.3f}Z"
            event = Event(seq, kind, at, "session", second, facts)
            assert vault.create(name.key(seq), event.to_json())
        return name

    return write


@pytest.fixture
def reigns(vault: Vault) -> Callable[[int, str], None]:
    def begin(epoch: int, site: str) -> None:
        EpochChain(vault).claim(EpochRecord(epoch, site, f"run-{epoch}", "2026-11-22T14:00:00Z"))

    return begin
