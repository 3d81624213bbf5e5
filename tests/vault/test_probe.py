import pytest
from tests.moto_store import MotoStore

from liferaft.failures import Refused
from liferaft.vault import StoredVault, probe, require_witness


class IgnoresConditions(StoredVault):
    """As some S3 dialects do: the condition is accepted and has no effect."""

    def create(self, key: str, body: bytes) -> bool:
        self.put(key, body)
        return True


class ListsLate(StoredVault):
    """As eventually consistent stores do."""

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return ()


def test_a_store_that_honours_conditions_may_witness(vault: StoredVault) -> None:
    assert probe(vault).may_witness
    require_witness(vault)
    assert vault.list() == ()


def test_a_store_that_ignores_conditions_may_not(vault: StoredVault) -> None:
    ignoring = IgnoresConditions("bad", vault._store)
    seen = probe(ignoring)
    assert (seen.refuses_second, seen.one_winner, seen.reads_own_writes) == (False, False, True)
    with pytest.raises(Refused, match="epochs and the lease: a second create of the same object"):
        require_witness(ignoring)
    assert vault.list() == ()


def test_a_vault_at_google_is_no_witness_and_another_one_is_to_be_named_first(
    store: MotoStore,
) -> None:
    """Seen on the wire: it takes the condition that we send, and writes all the same."""
    store.ignores_conditions = True
    vault = store.vault("plain", "google")
    with pytest.raises(Refused, match="a second create of the same object was not refused") as told:
        require_witness(vault)
    assert "Name another vault first" in told.value.facts.do
    writes = [one for one in store.heard if one.is_write and one.key.endswith("twice")]
    assert [one.headers["if-none-match"] for one in writes] == ["*", "*"]
    assert vault.list() == ()


def test_a_store_that_lists_late_may_not(vault: StoredVault) -> None:
    assert not probe(ListsLate("late", vault._store)).may_witness


def test_a_store_that_lets_nothing_go_may_not_and_what_stays_there_is_named(
    store: MotoStore,
) -> None:
    """The engine's lock is an object that is deleted again."""
    store.refuses_deletes = True
    vault = store.vault("plain", "kept")
    with pytest.raises(Refused, match="an object that was deleted is still there") as caught:
        require_witness(vault)
    kept = vault.list("probe")
    assert len(kept) == 3
    assert all(key in caught.value.facts.safe for key in kept)
    assert "once their lock has run out" in caught.value.facts.safe
