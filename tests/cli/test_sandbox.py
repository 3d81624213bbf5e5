"""`liferaft sandbox`, as far as it goes without one."""

from collections.abc import Callable
from typing import Any

Liferaft = Callable[..., Any]


def test_a_sandbox_that_is_not_up_is_not_taken_down_and_the_way_on_is_told(
    liferaft: Liferaft,
) -> None:
    ran = liferaft("sandbox", "down", "--name", "nowhere")
    assert ran.code == 4
    assert ran.err.splitlines() == [
        "No sandbox nowhere is up.",
        "Safe: Nothing was done.",
        "Now:  Name the one that is to end: `liferaft sandbox down --name NAME`.",
    ]
