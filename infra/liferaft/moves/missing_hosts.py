"""Whom a drill's servers call by address as well: a name alone is refused before any call."""

import socket
from collections.abc import Sequence
from dataclasses import replace

from liferaft.config import Config
from liferaft.hosts.isolation.allowed import Callee
from liferaft.moves.actions.isolate import callee
from liferaft.moves.missing import MissingVendors
from liferaft.site.reach import store_of


def with_addresses(missing: MissingVendors, config: Config) -> MissingVendors:
    """The same, with the addresses of those that are called, as far as they have any today. One
    that somebody who may be called has, too, is not called: two at one address are not told apart.
    Asks the resolver. Blocks."""
    left = [store_of(vault) for name, vault in config.vaults.items() if name not in missing.vaults]
    let = [store[0] for store in left if store] + [callee(one).name for one in config.drill.allow]
    shared = {address for host in let for address in _addresses(host)}
    found = [
        Callee(address, one.port)
        for one in missing.called
        for address in _addresses(one.name)
        if address not in shared
    ]
    return replace(missing, called=tuple(dict.fromkeys((*missing.called, *found))))


def _addresses(host: str) -> Sequence[str]:
    """By IPv4, which containers have too."""
    try:
        rows = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError:
        return ()
    return sorted({str(row[4][0]) for row in rows})
