"""What two claim who do not see the same vaults."""

import pytest
from tests.models.several import Several

from liferaft.vault import layout
from liferaft.vault.every import ClaimedElsewhere


@pytest.mark.parametrize("chain", [layout.LEASES, layout.EPOCHS])
def test_what_somebody_claimed_meanwhile_who_sees_another_vault_alone_is_not_claimed_as_well(
    several: Several, chain: str
) -> None:
    """While a person looked at the plan."""
    mine, key = several.command(), layout.link(chain, 1)
    mine.list()  # it has seen both, and nothing in them
    several.alone("second").create(key, b"theirs")
    with pytest.raises(ClaimedElsewhere, match="vault second"):
        mine.create(key, b"mine")
    assert several.everywhere(key) == {None, b"theirs"}
    again = several.command()
    assert again.order[0] == "second", "who claimed there is seen now"
    assert again.get(key) == b"theirs"


@pytest.mark.parametrize("chain", [layout.LEASES, layout.EPOCHS])
def test_an_answer_that_was_lost_is_no_claim_of_somebody_else(several: Several, chain: str) -> None:
    mine, key = several.command(), layout.link(chain, 1)
    mine.list()
    several.alone("second").create(key, b"mine")
    assert mine.create(key, b"mine") is True
    assert several.everywhere(key) == {b"mine"}


def test_an_old_claim_in_a_vault_that_is_incomplete_stops_nobody(several: Several) -> None:
    several.command().create("epoch/00000001", b"one")
    several.alone("first").create("epoch/00000002", b"two")
    several.alone("second").create("lease/00000001", b"of a command that saw it alone")
    assert several.command().create("lease/00000001", b"mine") is True
