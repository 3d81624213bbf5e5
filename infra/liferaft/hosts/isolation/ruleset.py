"""What a drill's host lets out, as text for nft. Pure.

It has a table of its own: what other tables let through is turned away here all the same, and what
they turn away stays so. Calls are turned away at once, not lost, so that who calls goes on without
waiting. Each is counted by whom it is from; the gate's program reads that (`gatekeeping.kernel`).
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network
from typing import Final

from liferaft.hosts.isolation.allowed import Allowed, Callee

TABLE: Final = "liferaft_drill"
MARK: Final = 0x6C696665
"""On packets of the gate's own program: nobody else may ask the resolvers outside."""
PORT: Final = 10053
"""Where it answers the host itself."""
BRIDGE_PORT: Final = 10054
"""Where it answers containers that ask elsewhere than at podman's own resolver."""
_MOST: Final = 65535
_COUNTED: Final = {
    "cgroup": "socket cgroupv2 level 2",
    "user": "meta skuid",
    "address": "{family} saddr",
}
"""By whom calls are counted: sets are named so, and `gatekeeping.kernel` reads the names. A call of
a process in no unit is counted by its user."""


def ruleset(allowed: Allowed, ssh_ports: Sequence[int]) -> str:
    """The table. Loading it replaces an earlier one at once, and forgets what the gate's program
    had let through and what was counted. ssh_ports: where the operator's SSH comes in."""
    sets = "\n".join(_sets())
    let = _indented([*_let(allowed), *_let_by_the_gate()])
    return f"""\
table inet {TABLE}
delete table inet {TABLE}
table inet {TABLE} {{
{sets}
    chain names_of_host {{
        type nat hook output priority -100; policy accept;
        meta mark {MARK:#x} return
        meta l4proto {{ tcp, udp }} th dport 53 redirect to :{PORT}
    }}
    chain names_of_containers {{
        type nat hook prerouting priority -110; policy accept;
        iifname != "podman*" return
        fib daddr type local return
        meta l4proto {{ tcp, udp }} th dport 53 redirect to :{BRIDGE_PORT}
    }}
    chain asked_from_outside {{
        type filter hook input priority -10; policy accept;
        iifname {{ "lo", "podman*" }} return
        meta l4proto {{ tcp, udp }} th dport {{ {PORT}, {BRIDGE_PORT} }} drop
    }}
    chain let {{
{let}
    }}
    chain from_host {{
        type filter hook output priority 10; policy drop;
        oifname {{ "lo", "podman*" }} accept
        ip daddr 127.0.0.0/8 accept
        ip6 daddr ::1 accept
{_indented(_replies(ssh_ports))}
        meta mark {MARK:#x} meta l4proto {{ tcp, udp }} th dport 53 accept
{_indented(_link())}
        jump let
{_indented(_counting("cgroup", "user"))}
        goto turned_away
    }}
    chain from_containers {{
        type filter hook forward priority 10; policy drop;
        oifname "podman*" accept
        ct state established,related ct direction reply accept
        jump let
{_indented(_counting("address"))}
        goto turned_away
    }}
    chain turned_away {{
        meta l4proto tcp reject with tcp reset
        reject with icmpx admin-prohibited
    }}
}}
"""


def _sets() -> Iterator[str]:
    for family, version in (("ip", 4), ("ip6", 6)):
        kind = f"ipv{version}_addr"
        yield f"    set open{version} {{ type {kind}; size {_MOST}; }}"
        yield f"    set ports{version} {{ type {kind} . inet_service; size {_MOST}; }}"
        for who, expression in _COUNTED.items():
            by = expression.format(family=family)
            for name, key in _keys(family, by).items():
                yield (
                    f"    set {who}_{name}{version} {{ typeof {key}; flags dynamic; "
                    f"size {_MOST}; counter; }}"
                )


def _keys(family: str, by: str) -> dict[str, str]:
    """Of calls to ports, and of those that have none."""
    bare = f"{by} . meta l4proto . {family} daddr"
    return {"port": f"{bare} . th dport", "bare": bare}


def _counting(*whom: str) -> Iterator[str]:
    """The first that can be told is counted, and no other."""
    for who in whom:
        for family, version in (("ip", 4), ("ip6", 6)):
            keys = _keys(family, _COUNTED[who].format(family=family))
            of = f"meta nfproto ipv{version} meta l4proto"
            port, bare = f"@{who}_port{version}", f"@{who}_bare{version}"
            yield f"{of} {{ tcp, udp }} update {port} {{ {keys['port']} }} goto turned_away"
            yield f"{of} != {{ tcp, udp }} update {bare} {{ {keys['bare']} }} goto turned_away"


def _replies(ssh_ports: Sequence[int]) -> Iterator[str]:
    """What answers a caller from outside. A connection that is older than the tracking of
    connections has no direction that counts: that of the operator goes on by its port."""
    yield "ct state established,related ct direction reply accept"
    for port in sorted(set(ssh_ports)):
        yield f"tcp sport {port} tcp flags & (syn | ack) != syn accept"


def _link() -> Iterator[str]:
    """Without which a host has no network: addresses by DHCP, neighbours, and what its own cloud
    answers on the link. Nothing of it goes through a router."""
    yield "udp sport 68 udp dport 67 accept"
    yield "ip daddr { 169.254.0.0/16, 224.0.0.0/24 } accept"
    yield "ip6 daddr { fe80::/10, ff02::/16 } accept"


def _let(allowed: Allowed) -> Iterator[str]:
    """What is known ahead, by address."""
    for network in sorted(set(allowed.networks)):
        family = "ip" if ip_network(network).version == 4 else "ip6"  # noqa: PLR2004 - IPv4
        yield f"{family} daddr {network} accept"
    callees = [callee for callee in allowed.names if callee.is_address]
    callees += [Callee(address) for address in allowed.own_names.values()]
    for callee in sorted(set(callees), key=str):
        family = "ip" if ip_address(callee.name).version == 4 else "ip6"  # noqa: PLR2004 - IPv4
        port = "" if callee.port is None else f" meta l4proto {{ tcp, udp }} th dport {callee.port}"
        yield f"{family} daddr {callee.name}{port} accept"


def _let_by_the_gate() -> Iterator[str]:
    for family, version in (("ip", 4), ("ip6", 6)):
        yield f"{family} daddr @open{version} accept"
        yield f"meta l4proto {{ tcp, udp }} {family} daddr . th dport @ports{version} accept"


def _indented(lines: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(f"        {line}" for line in lines)
