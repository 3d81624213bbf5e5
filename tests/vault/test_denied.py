"""A vault that one command goes on without, though it is there."""

from collections.abc import Callable
from typing import Any

import pytest
from obstore.store import MemoryStore

from liferaft.vault import (
    CheckedVault,
    EpochChain,
    EpochRecord,
    EveryVault,
    StoredVault,
    Vault,
    VaultUnavailable,
)
from liferaft.vault.denied import DeniedVault

CALLS: list[Callable[[Vault], Any]] = [
    lambda vault: vault.put("a", b""),
    lambda vault: vault.create("a", b""),
    lambda vault: vault.get("a"),
    lambda vault: vault.list("a"),
    lambda vault: vault.look("a"),
    lambda vault: vault.level("a"),
    lambda vault: vault.stored("a"),
    lambda vault: vault.digest("a", seconds=1),
    lambda vault: vault.newest("a"),
    lambda vault: vault.delete("a"),
]


@pytest.mark.parametrize("call", CALLS)
def test_whatever_is_asked_of_it_fails_as_of_one_that_is_gone(call: Callable[[Vault], Any]) -> None:
    with pytest.raises(VaultUnavailable, match=r"Vault main: .* denied to this drill"):
        call(DeniedVault("main"))


def test_beside_another_one_work_goes_on_with_that_alone() -> None:
    left = StoredVault("depot", MemoryStore())
    record = EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z")
    EpochChain(CheckedVault(left)).claim(record)
    every = EveryVault([CheckedVault(DeniedVault("main")), CheckedVault(left)])
    assert EpochChain(every).current() == record
    assert every.order == ("depot", "main")


def test_where_all_are_denied_that_is_what_is_said() -> None:
    every = EveryVault([CheckedVault(DeniedVault(name)) for name in ("main", "depot")])
    with pytest.raises(VaultUnavailable, match=r"main and depot: none answers: .*denied"):
        every.list()
