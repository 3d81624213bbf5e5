import pytest

from liferaft.vault import EpochChain, EpochRecord, EpochTaken, NumberedChain, StoredVault

AT = "2026-11-22T14:00:00.000Z"


def record(epoch: int, run: str, site: str = "hetzner") -> EpochRecord:
    return EpochRecord(epoch, site, run, AT)


def test_an_empty_chain_has_no_reign(vault: StoredVault) -> None:
    assert EpochChain(vault).current() is None


def test_a_claimed_epoch_reigns(vault: StoredVault) -> None:
    chain = EpochChain(vault)
    chain.claim(record(1, "r1", "aws-east"))
    mine = chain.claim(record(2, "r2"))
    assert chain.current() == mine
    assert vault.list("epoch") == ("epoch/00000001", "epoch/00000002")


def test_a_resumed_run_gets_the_epoch_it_has(vault: StoredVault) -> None:
    first = EpochChain(vault).claim(record(1, "r1"))
    again = record(1, "r1")
    assert again.nonce != first.nonce
    assert EpochChain(vault).claim(again) == first


def test_an_epoch_of_another_run_is_not_taken(vault: StoredVault) -> None:
    EpochChain(vault).claim(record(1, "r1"))
    with pytest.raises(EpochTaken, match="run r1 took epoch 1"):
        EpochChain(vault).claim(record(1, "r2"))


def test_a_superseded_run_learns_of_the_higher_epoch(vault: StoredVault) -> None:
    chain = EpochChain(vault)
    chain.claim(record(1, "r1"))
    chain.claim(record(2, "r2"))
    with pytest.raises(EpochTaken, match="took epoch 2"):
        chain.claim(record(1, "r1"))


def test_numbers_that_were_given_out_before_are_taken_with_the_next_and_had_by_nobody(
    vault: StoredVault,
) -> None:
    chain = EpochChain(vault)
    chain.claim(record(1, "r1", "aws-east"))
    mine = chain.claim(record(4, "r2"))
    assert chain.current() == mine
    between = [chain.record(number) for number in (2, 3)]
    assert [(one.epoch, one.site, one.run) for one in between] == [
        (2, "aws-east", "r2"),
        (3, "aws-east", "r2"),
    ]
    assert chain.claim(record(4, "r2")) == mine
    with pytest.raises(EpochTaken):
        chain.claim(record(2, "r3"))


def test_the_first_epoch_is_never_skipped(vault: StoredVault) -> None:
    with pytest.raises(ValueError, match="the next epoch is 1"):
        EpochChain(vault).claim(record(2, "r1"))


def test_the_latest_link_is_the_highest_number_not_the_last_text(vault: StoredVault) -> None:
    chain = NumberedChain(vault, "lease")
    for number in (1, 2, 100000000):
        chain.append(number, str(number).encode())
    latest = chain.latest()
    assert latest is not None
    assert latest.number == 100000000
