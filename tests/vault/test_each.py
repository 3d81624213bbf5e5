"""The vaults behind one, each by itself."""

import pytest
from obstore.store import MemoryStore

from liferaft.failures import Refused
from liferaft.vault import CheckedVault, EveryVault, StoredVault, vault_named, vaults_apart


def named(name: str) -> CheckedVault:
    return CheckedVault(StoredVault(name, MemoryStore()))


def test_one_vault_stands_for_itself() -> None:
    alone = named("main")
    assert vaults_apart(alone) == (alone,)
    assert vault_named(alone, "main") is alone


def test_what_is_taken_out_of_one_stays_in_the_other() -> None:
    first, second = named("main"), named("second")
    both = EveryVault([first, second])
    both.put("a/key", b"body")
    vault_named(both, "second").delete("a/key")
    assert first.get("a/key") == b"body"
    assert second.list("a") == ()
    assert [one.name for one in vaults_apart(both)] == ["main", "second"]


def test_a_vault_that_was_taken_out_of_the_configuration_is_told() -> None:
    with pytest.raises(Refused, match="no vault second"):
        vault_named(named("main"), "second")
