import pytest
from obstore.store import MemoryStore

from liferaft.vault import StoredVault


@pytest.fixture
def vault() -> StoredVault:
    return StoredVault("memory", MemoryStore())
