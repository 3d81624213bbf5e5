"""Which numbers were given out to reigns."""

import pytest

from liferaft.vault import layout
from liferaft.vault.given_out import highest_given_out


@pytest.mark.parametrize(
    ("numbers", "highest"),
    [((), 0), ((1, 2, 3), 3), ((1, 7), 7), ((40, 41), 41), ((1, 2, 999_998), 2), ((999_999,), 0)],
)
def test_a_number_far_above_the_others_was_given_out_to_nobody(
    numbers: tuple[int, ...], highest: int
) -> None:
    assert highest_given_out(layout.link(layout.EPOCHS, one) for one in numbers) == highest
