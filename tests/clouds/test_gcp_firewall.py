from liferaft.clouds.gcp.firewall import let_in, rule_name
from liferaft.clouds.kinds import Rule

HTTPS = Rule("tcp", ("0.0.0.0/0",), "443")


def test_a_rules_name_is_the_same_for_the_same_rule_alone() -> None:
    name = rule_name("chirp-gcp-app", HTTPS)
    assert name == rule_name("chirp-gcp-app", Rule("tcp", ("0.0.0.0/0",), "443"))
    assert name != rule_name("chirp-gcp-app", Rule("tcp", ("0.0.0.0/0",), "80"))
    assert name != rule_name("chirp-gcp-db", HTTPS)
    swapped = Rule("udp", ("10.1.0.0/16", "10.0.0.0/16"), "53")
    assert rule_name("t", swapped) == rule_name("t", Rule("udp", swapped.sources[::-1], "53"))


def test_a_rules_name_fits_behind_the_longest_tag() -> None:
    assert len(rule_name("a" * 63, HTTPS)) <= 63


def test_icmp_has_no_ports() -> None:
    assert let_in(HTTPS)["allowed"] == [{"I_p_protocol": "tcp", "ports": ["443"]}]
    ping = let_in(Rule("icmp", ("10.0.0.0/8",)))
    assert ping["allowed"] == [{"I_p_protocol": "icmp"}]
    assert ping["source_ranges"] == ["10.0.0.0/8"]
