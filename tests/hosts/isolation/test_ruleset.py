"""What a drill's host lets out, as nft understands it."""

import subprocess

import pytest

from liferaft.hosts.isolation.allowed import Allowed, Callee
from liferaft.hosts.isolation.ruleset import ruleset

ALLOWED = Allowed(
    (Callee("vault.example", 443), Callee("192.0.2.5", 8443), Callee("2001:db8::5")),
    ("10.40.0.0/24", "fd00:40::/64"),
    {"app.example": "192.0.2.77"},
)


def let(rules: str) -> list[str]:
    """The lines of the chain that lets out."""
    chain = rules.partition("chain let {")[2].partition("}\n    chain")[0]
    return [line.strip() for line in chain.splitlines()]


def test_all_that_is_known_by_address_is_let_out_and_nothing_by_name() -> None:
    said = let(ruleset(ALLOWED, [22]))
    assert "ip daddr 10.40.0.0/24 accept" in said
    assert "ip6 daddr fd00:40::/64 accept" in said
    assert "ip daddr 192.0.2.77 accept" in said
    assert "ip daddr 192.0.2.5 meta l4proto { tcp, udp } th dport 8443 accept" in said
    assert "ip6 daddr 2001:db8::5 accept" in said
    assert not [line for line in said if "example" in line]


def test_the_same_rules_are_the_same_text_in_whatever_order_they_were_told() -> None:
    turned = Allowed(ALLOWED.names[::-1], ALLOWED.networks[::-1], ALLOWED.own_names)
    assert ruleset(turned, [2222, 22]) == ruleset(ALLOWED, [22, 2222, 22])


@pytest.mark.sandbox
@pytest.mark.parametrize("allowed", [ALLOWED, Allowed((), (), {})])
def test_nft_takes_it_and_takes_it_again_in_the_place_of_the_first(allowed: Allowed) -> None:
    rules = ruleset(allowed, [22])
    both = 'nft --file - <<<"$1"; nft --file - <<<"$1"; nft list table inet liferaft_drill'
    argv = ["unshare", "--net", "bash", "-euc", both, "-", rules]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    assert said.count("chain from_host {") == 1
