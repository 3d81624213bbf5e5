"""What comes out of a vault is what went in, or it is named as damaged."""

import pytest

from liferaft.failures import Refused
from liferaft.vault import (
    CheckedVault,
    Damaged,
    EpochChain,
    EpochRecord,
    NumberedChain,
    StoredVault,
    probe,
)
from liferaft.vault import checked as checked_module

KEY = "epoch-00000001/timeline.json"
BODY = b'{"timeline": 7}'


@pytest.fixture
def checked(vault: StoredVault) -> CheckedVault:
    return CheckedVault(vault)


def test_what_was_written_is_read_back(checked: CheckedVault) -> None:
    checked.put(KEY, BODY)
    assert checked.get(KEY) == BODY
    assert checked.raw.get(KEY).partition(b"\n")[2] == BODY, "a reader without liferaft finds it"


def test_any_flipped_bit_is_found_and_the_object_named(checked: CheckedVault) -> None:
    checked.put(KEY, BODY)
    whole = checked.raw.get(KEY)
    for place in range(len(whole)):
        for bit in range(8):
            flipped = bytearray(whole)
            flipped[place] ^= 1 << bit
            checked.raw.put(KEY, bytes(flipped))
            with pytest.raises(Damaged) as caught:
                checked.get(KEY)
            assert caught.value.facts.details == {"vault": "memory", "key": KEY}
            assert f"Object {KEY} of vault memory is damaged" in str(caught.value)
            assert "Put back an earlier version" in caught.value.facts.do


@pytest.mark.parametrize("stored", [b"", b"{}", b"null", b"hello", BODY, b"\xff" * 80])
def test_what_is_not_liferafts_is_not_believed(checked: CheckedVault, stored: bytes) -> None:
    checked.raw.put(KEY, stored)
    with pytest.raises(Damaged, match="first line"):
        checked.get(KEY)


def test_half_an_object_is_damaged(checked: CheckedVault) -> None:
    checked.put(KEY, BODY)
    checked.raw.put(KEY, checked.raw.get(KEY)[:-1])
    with pytest.raises(Damaged, match="digest"):
        checked.get(KEY)


def test_an_object_under_another_ones_name_is_not_believed(checked: CheckedVault) -> None:
    checked.put("epoch/00000001", b"east")
    checked.raw.put("epoch/00000002", checked.raw.get("epoch/00000001"))
    with pytest.raises(Damaged):
        checked.get("epoch/00000002")


def test_another_versions_object_is_refused_and_not_called_damaged(
    checked: CheckedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        later.setattr(checked_module, "FORM", 2)
        checked.put(KEY, BODY)
    with pytest.raises(Refused, match=r"another version of liferaft \(form 2\)"):
        checked.get(KEY)


def test_a_checked_vault_may_witness(checked: CheckedVault) -> None:
    assert probe(checked).may_witness


def test_only_the_first_create_wins_and_its_own_body_may_be_created_again(
    checked: CheckedVault,
) -> None:
    assert checked.create(KEY, b"mine") is True
    assert checked.create(KEY, b"mine") is True
    assert checked.create(KEY, b"theirs") is False


@pytest.mark.parametrize("name", ["readme", "00000002.tmp", "0000000x", "7", "00000003/x"])
def test_what_others_lay_beside_a_chain_is_left_alone(checked: CheckedVault, name: str) -> None:
    chain = EpochChain(checked)
    mine = chain.claim(EpochRecord(1, "east", "run", "2026-11-22T14:00:00Z"))
    checked.raw.put(f"epoch/{name}", b"hello")
    assert chain.current() == mine
    assert NumberedChain(checked, "epoch").highest() == 1


def test_a_damaged_epoch_says_that_deleting_it_would_bring_back_the_site_before(
    checked: CheckedVault,
) -> None:
    chain = EpochChain(checked)
    for epoch, site in ((1, "east"), (2, "north")):
        chain.claim(EpochRecord(epoch, site, f"run-{epoch}", "2026-11-22T14:00:00Z"))
    checked.raw.put("epoch/00000001", b"hello")
    current = chain.current()
    assert current is not None
    assert current.site == "north", "what is past is not read"
    checked.raw.put("epoch/00000002", checked.raw.get("epoch/00000002").replace(b"north", b"south"))
    with pytest.raises(Damaged, match="epoch/00000002") as caught:
        chain.current()
    assert "Do not delete it" in caught.value.facts.do
