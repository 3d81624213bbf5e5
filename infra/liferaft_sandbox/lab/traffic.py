"""The router's rules: who sent how much towards a cloud, and what is cut off.

Counters tell parts of a cloud apart (its API, its object storage, its hosts) and sources apart
(operator, users, neutral, the other clouds). `new` counts packets that open a connection or answer
none (the requests); `packets` counts all, retransmissions of older connections too.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from liferaft_sandbox.addresses import API_ADDRESSES, CLOUDS, OBJECTS_ADDRESSES, PLACES
from liferaft_sandbox.lab.distance import FAR

PARTS = ("api", "bucket", "hosts")
"""Colo has no API."""


def routes_counted() -> Iterator[tuple[str, str, str]]:
    """(source, cloud, part) of every pair of counters."""
    for cloud in CLOUDS:
        for source in PLACES:
            if source != cloud:
                for part in PARTS:
                    if part != "api" or cloud in API_ADDRESSES:
                        yield source, cloud, part


def router_rules() -> str:
    """The nft input that sets the router up: nothing cut, all counters at 0."""
    routes = list(routes_counted())
    counters = [
        f"  counter {'_'.join(route)}_{kind} {{ }}"
        for route in routes
        for kind in ("packets", "new")
    ]
    counting = [line for route in routes for line in _count(*route)]
    apis = ", ".join(API_ADDRESSES.values())
    return "\n".join(
        [
            "table ip lab {",
            "  set cut { type ipv4_addr; flags interval; }",
            *counters,
            "  chain counting {",
            *counting,
            "  }",
            "  chain forward {",
            "    type filter hook forward priority filter; policy accept;",
            # Where places are apart, a packet comes by again when it was held long enough.
            f'    iifname != "{FAR}" jump counting',
            # An API goes on answering from behind the cut: that is how a suspended account looks.
            f"    ip daddr @cut ip daddr != {{ {apis} }} drop",
            f"    ip saddr @cut ip saddr != {{ {apis} }} drop",
            "  }",
            "}",
            "",
        ]
    )


def _count(source: str, cloud: str, part: str) -> Iterator[str]:
    services = {"api": API_ADDRESSES.get(cloud), "bucket": OBJECTS_ADDRESSES[cloud]}
    others = ", ".join(address for address in services.values() if address)
    target = (
        f"ip daddr {PLACES[cloud].range} ip daddr != {{ {others} }}"
        if part == "hosts"
        else f"ip daddr {services[part]}"
    )
    match = f"ip saddr {PLACES[source].range} {target}"
    yield f"    {match} counter name {source}_{cloud}_{part}_packets"
    yield f"    {match} ct state new counter name {source}_{cloud}_{part}_new"


def cut_rules(where: object) -> str:
    """The nft input that cuts addresses off, a range or one, in both directions, connections in
    progress too."""
    return f"add element ip lab cut {{ {where} }}\n"


def uncut_rules(where: object) -> str:
    """The nft input that ends the cut; nothing happens if there is none."""
    # Adding first makes deleting succeed in any case: both are one transaction.
    return f"{cut_rules(where)}delete element ip lab cut {{ {where} }}\n"


Counters = dict[str, dict[str, dict[str, dict[str, int]]]]


def read_counters(listing: str) -> Counters:
    """cloud → source → part → {"packets", "new"}, from `nft --json list counters table ip lab`."""
    packets: Mapping[str, int] = {
        entry["counter"]["name"]: entry["counter"]["packets"]
        for entry in _entries(listing)
        if "counter" in entry
    }
    counted: Counters = {}
    for source, cloud, part in routes_counted():
        counted.setdefault(cloud, {}).setdefault(source, {})[part] = {
            kind: packets[f"{source}_{cloud}_{part}_{kind}"] for kind in ("packets", "new")
        }
    return counted


def _entries(listing: str) -> list[Any]:
    entries: list[Any] = json.loads(listing)["nftables"]
    return entries
