"""What GCE's firewalls let in, as rules that only allow.

https://cloud.google.com/firewall/docs/firewalls: without a rule nothing comes in; a lower number
goes first; at the same number a denial does. The sandbox enforces them at a network's edge: what
the machines of one subnetwork send each other passes unasked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Network, collapse_addresses, ip_network
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.gcp.firewalls import ports
from liferaft_sandbox.lab.machines import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from liferaft_sandbox.clouds.gcp.state import Resource, State

_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp"}
_EVERY_PORT = (0, 65535)
_WITH_PORTS = frozenset({"tcp", "udp"})
_KNOWN = ("tcp", "udp", "icmp")


@dataclass(frozen=True)
class _Span:
    """Some sources, one protocol, a run of ports."""

    protocol: str
    first: int
    last: int
    sources: tuple[IPv4Network, ...]


def rules(state: State, instance: Resource) -> tuple[Rule, ...]:
    """What may come in to an instance from outside its private network."""
    firewalls = [
        firewall
        for firewall in state.all("firewalls")
        if firewall["direction"] == "INGRESS"
        and not firewall.get("disabled")
        and firewall["network"] == instance["networkInterfaces"][0]["network"]
        and _aims_at(firewall, instance)
    ]
    firewalls.sort(key=lambda firewall: (firewall["priority"], "denied" not in firewall))
    denied: list[_Span] = []
    allowed: list[_Span] = []
    for firewall in firewalls:
        sources = _sources(state, firewall)
        denied += _spans(firewall.get("denied", ()), sources)
        for span in _spans(firewall.get("allowed", ()), sources):
            allowed += _without(span, denied)
    return tuple(
        Rule(span.protocol, span.first, span.last, tuple(str(net) for net in span.sources))
        for span in allowed
    )


def _aims_at(firewall: Resource, instance: Resource) -> bool:
    wanted = firewall.get("targetTags")
    return not wanted or bool(set(wanted) & set(instance["tags"].get("items", ())))


def _sources(state: State, firewall: Resource) -> tuple[IPv4Network, ...]:
    """Ranges, and the private addresses of the network's instances that wear a source tag."""
    said = [ip_network(source) for source in firewall.get("sourceRanges", ())]
    ranges = [network for network in said if isinstance(network, IPv4Network)]
    tags = set(firewall.get("sourceTags", ()))
    for instance in state.all("instances"):
        interface = instance["networkInterfaces"][0]
        worn = tags & set(instance["tags"].get("items", ()))
        if worn and interface["network"] == firewall["network"]:
            ranges.append(IPv4Network(interface["networkIP"]))
    return tuple(collapse_addresses(ranges))


def _spans(said: Iterable[Resource], sources: tuple[IPv4Network, ...]) -> list[_Span]:
    """Protocols other than these do not exist in the sandbox."""
    spans = []
    for rule in said:
        protocol = _NUMBERS.get(rule["IPProtocol"], rule["IPProtocol"])
        if sources and protocol in {"all", *_KNOWN}:
            given = [ports(port) for port in rule.get("ports", ())] or [_EVERY_PORT]
            spans += [_Span(protocol, first, last, sources) for first, last in given]
    return spans


def _without(span: _Span, denied: Sequence[_Span]) -> list[_Span]:
    """What is left of an allowance; "all" is taken apart where something is denied."""
    if not denied:
        return [span]
    left = [span]
    if span.protocol == "all":
        left = [replace(span, protocol=protocol) for protocol in _KNOWN]
    for denial in denied:
        left = [part for piece in left for part in _less(piece, denial)]
    return left


def _less(span: _Span, denial: _Span) -> list[_Span]:
    if denial.protocol not in {"all", span.protocol}:
        return [span]
    spared = _outside(span.sources, denial.sources)
    parts = [replace(span, sources=spared)]
    if span.protocol in _WITH_PORTS:
        met = _outside(span.sources, spared)
        parts.append(_Span(span.protocol, span.first, min(span.last, denial.first - 1), met))
        parts.append(_Span(span.protocol, max(span.first, denial.last + 1), span.last, met))
    return [part for part in parts if part.sources and part.first <= part.last]


def _outside(
    sources: tuple[IPv4Network, ...], taken: tuple[IPv4Network, ...]
) -> tuple[IPv4Network, ...]:
    """The sources without what is taken."""
    left = list(sources)
    for cut in taken:
        kept: list[IPv4Network] = []
        for source in left:
            if cut.supernet_of(source):
                continue
            kept += source.address_exclude(cut) if source.supernet_of(cut) else [source]
        left = kept
    return tuple(collapse_addresses(left))
