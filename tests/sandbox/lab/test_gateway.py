from dataclasses import replace

from liferaft_sandbox.lab.gateway import gateway_rules
from liferaft_sandbox.lab.machines import Machine, Rule

MACHINE = Machine(
    id="i-1",
    network="vpc-1",
    private_address="10.0.0.4",
    public_address="192.0.2.100",
    hostname="app-1",
    user_data=b"",
    running=True,
    rules=(),
)


def accepted(*rules: Rule) -> list[str]:
    lines = gateway_rules([replace(MACHINE, rules=rules)]).splitlines()
    return [line.strip() for line in lines if "ip daddr 10.0.0.4" in line]


def test_a_machine_without_rules_admits_nobody() -> None:
    assert accepted() == []
    assert "policy drop" in gateway_rules([MACHINE])


def test_a_port_for_everybody_names_no_source() -> None:
    assert accepted(Rule("tcp", 443, 443, ("0.0.0.0/0", "::/0"))) == [
        "ct status dnat ip daddr 10.0.0.4 tcp dport 443 accept"
    ]


def test_overlapping_sources_are_joined_since_nft_refuses_them() -> None:
    assert accepted(Rule("udp", 1, 9, ("10.0.0.0/8", "10.1.0.0/16", "198.18.20.10/32"))) == [
        (
            "ct status dnat ip daddr 10.0.0.4 ip saddr { 10.0.0.0/8, 198.18.20.10/32 } "
            "udp dport 1-9 accept"
        )
    ]


def test_a_rule_whose_sources_are_all_ipv6_admits_nobody() -> None:
    assert accepted(Rule("tcp", 22, 22, ("::/0",))) == []


def test_every_port_of_a_protocol_is_the_protocol() -> None:
    assert accepted(Rule("tcp", 0, 65535, ("0.0.0.0/0",)))[0].endswith("ip protocol tcp accept")
    assert accepted(Rule("icmp", -1, -1, ("0.0.0.0/0",)))[0].endswith("ip protocol icmp accept")
    assert accepted(Rule("all", 0, 65535, ("0.0.0.0/0",))) == [
        "ct status dnat ip daddr 10.0.0.4 accept"
    ]


def test_only_what_has_a_public_address_gets_out() -> None:
    hidden = gateway_rules([replace(MACHINE, public_address=None)])
    assert 'oifname "outside" ip saddr 10.0.0.4 accept' not in hidden
    assert "192.0.2.100" not in hidden
    assert 'oifname "outside" ip saddr 10.0.0.4 accept' in gateway_rules([MACHINE])
