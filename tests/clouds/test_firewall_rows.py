"""How rules become what EC2 compares."""

from liferaft.clouds.aws.firewall import _permission, _rows_of, _wanted
from liferaft.clouds.kinds import Rule


def test_ports_ranges_and_icmp_become_rows() -> None:
    rules = [
        Rule("tcp", ("0.0.0.0/0",), "22"),
        Rule("udp", ("10.0.0.0/8",), "8000-8100"),
        Rule("icmp", ("10.0.0.0/8",)),
    ]
    assert _wanted(rules) == {
        ("tcp", 22, 22, "0.0.0.0/0"),
        ("udp", 8000, 8100, "10.0.0.0/8"),
        ("icmp", -1, -1, "10.0.0.0/8"),
    }


def test_what_was_asked_for_is_recognised_when_it_is_read_back() -> None:
    rows = _wanted([Rule("tcp", ("10.0.0.0/8", "192.0.2.0/24"), "1-65535")])
    assert _rows_of([_permission(row) for row in rows]) == rows
