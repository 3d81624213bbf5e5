import pytest

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


def test_a_store_that_lists_late_may_not(vault: StoredVault) -> None:
    assert not probe(ListsLate("late", vault._store)).may_witness
