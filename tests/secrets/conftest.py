from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest
from obstore.store import MemoryStore

from liferaft.vault import StoredVault


@dataclass(frozen=True)
class Operator:
    recipient: str
    identity_file: Path


@pytest.fixture
def operator(tmp_path: Path) -> Callable[[str], Operator]:
    def make(name: str) -> Operator:
        identity = pyrage.x25519.Identity.generate()
        path = tmp_path / name
        path.write_text(f"# created: today\n# public key: {identity.to_public()}\n{identity}\n")
        path.chmod(0o600)
        return Operator(str(identity.to_public()), path)

    return make


@pytest.fixture
def vault() -> StoredVault:
    return StoredVault("memory", MemoryStore())
