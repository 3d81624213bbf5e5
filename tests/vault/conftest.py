from collections.abc import Iterator

import pytest
from obstore.store import MemoryStore
from tests.models.several import Several
from tests.moto_store import MotoStore, moto_store

from liferaft.vault import StoredVault


@pytest.fixture
def vault() -> StoredVault:
    return StoredVault("memory", MemoryStore())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MotoStore]:
    with moto_store(tmp_path_factory.mktemp("moto"), key="id", secret="key") as store:
        store.make_bucket("plain")
        store.make_locked_bucket("locked")
        yield store


@pytest.fixture
def store(running: MotoStore) -> MotoStore:
    """With buckets `plain` and `locked`, as its maker made it."""
    running.heard.clear()
    running.knows_md5_alone = running.refuses_deletes = running.ignores_conditions = False
    return running


@pytest.fixture
def several() -> Iterator[Several]:
    found = Several()
    yield found
    for vault in found.raw.values():
        vault.let_go.set()


@pytest.fixture
def three() -> Iterator[Several]:
    found = Several(3)
    yield found
    for vault in found.raw.values():
        vault.let_go.set()
