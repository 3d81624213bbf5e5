"""Whom a drill's hosts may call, as it is told."""

import pytest

from liferaft.failures import BadInput
from liferaft.hosts.isolation.allowed import Allowed, Callee


@pytest.mark.parametrize(
    ("networks", "own"),
    [
        (("10.40.0.1/24",), {}),
        (("accept; flush ruleset",), {}),
        ((), {"app.example": "nowhere"}),
        ((), {"app.example": "::1"}),
    ],
)
def test_what_is_no_network_or_no_address_comes_into_no_rules(
    networks: tuple[str, ...], own: dict[str, str]
) -> None:
    with pytest.raises(BadInput):
        Allowed((), networks, own)


def test_a_callee_is_told_with_its_port_where_it_has_one() -> None:
    assert [str(Callee("vault.example", 443)), str(Callee("vault.example"))] == [
        *("vault.example:443", "vault.example"),
    ]
