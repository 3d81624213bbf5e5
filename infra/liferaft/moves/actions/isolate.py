"""A server of a drill is shut: it calls nobody but the vaults, its site, and whom [drill] names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from liferaft.config.urls import HTTPS_PORT
from liferaft.hosts.isolation.allowed import Allowed, Callee
from liferaft.hosts.isolation.denials import Denied, denied
from liferaft.hosts.isolation.isolating import is_isolated, isolate
from liferaft.hosts.isolation.proof import prove_isolated
from liferaft.remote.contract import Host
from liferaft.site.reach import vault_accesses
from liferaft.site.servers import SSH_PORT
from liferaft.site.world import World

_PORTS: Final = (SSH_PORT, HTTPS_PORT)
SECONDS: Final = 900.0
"""For shutting a server, and for calling whom it must not and may call."""


@dataclass(frozen=True)
class IsolateServer:
    """The server denies every call but to the vaults, to its site's own servers and store, and to
    `allow`. forbidden: addresses of the site that reigns, which are really called; `called`, such
    as `objects.example:443`, are too. without: vaults that are denied like everybody else."""

    server: str
    allow: tuple[str, ...]
    forbidden: tuple[str, ...]
    without: tuple[str, ...] = ()
    called: tuple[str, ...] = ()

    async def holds(self, world: World) -> bool:
        host, allowed = await self._host(world), await self._allowed(world)
        return await is_isolated(host, allowed)

    async def apply(self, world: World) -> Mapping[str, Any]:
        await isolate(await self._host(world), await self._allowed(world))
        return {}

    async def prove(self, world: World) -> None:
        host, allowed = await self._host(world), await self._allowed(world)
        primary = [Callee(address, port) for address in self.forbidden for port in _PORTS]
        await prove_isolated(host, allowed, [*primary, *map(callee, self.called)])

    async def _host(self, world: World) -> Host:
        return await world.servers.host(self.server)

    async def _allowed(self, world: World) -> Allowed:
        outputs, config = await world.site.outputs(), world.site.config
        vaults = vault_accesses(world)
        stores = {Callee(one.host, one.port) for one in vaults if one.name not in self.without}
        if outputs.bucket is not None:
            store = urlsplit(outputs.bucket.endpoint)
            stores.add(Callee(store.hostname or "", store.port or HTTPS_PORT))
        return Allowed(
            names=(*sorted(stores, key=str), *map(callee, self.allow)),
            networks=tuple(f"{one.private_address}/32" for one in outputs.servers),
            own_names={config.app.domain: outputs.address},
        )


@dataclass(frozen=True)
class ListDenied:
    """What servers of the drill asked for and were denied is known: hidden dependencies. missing:
    names and addresses of vendors that it is played without, which are none."""

    servers: tuple[str, ...]
    missing: tuple[str, ...] = ()

    async def holds(self, world: World) -> bool:
        """Asked anew each time."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        found = {name: await denied(await world.servers.host(name)) for name in self.servers}
        return {
            "denied": [self._row(name, one) for name, rows in found.items() for one in rows],
            "unchanged": True,
        }

    async def prove(self, world: World) -> None:
        """It is each server's own word."""

    def _row(self, server: str, one: Denied) -> Mapping[str, Any]:
        is_missing = not {one.asked, *one.names}.isdisjoint(self.missing)
        return {
            "server": server,
            "by": one.by,
            "asked": one.asked,
            "names": list(one.names),
            "how": one.how,
            "port": one.port,
            "count": one.count,
            "known": "its vendor is missing in this drill" if is_missing else one.known,
        }


def callee(written: str) -> Callee:
    """As [drill] has it: a name, and perhaps a port. Pure."""
    name, _, port = written.partition(":")
    return Callee(name, int(port) if port else None)


def sentences(denied: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """A line for each hidden dependency of each who had it, whatever kinds of records were asked
    for; what servers ask for by themselves is none. Pure."""
    counts: dict[tuple[str, str, str], int] = {}
    for row in denied:
        if not row["known"]:
            whose = (row["by"] or "somebody", row["server"], _asked(row))
            counts[whose] = counts.get(whose, 0) + row["count"]
    return [
        f"{by} on {server} asked for {asked}, {count} times, and was denied it"
        for (by, server, asked), count in counts.items()
    ]


def _asked(row: Mapping[str, Any]) -> str:
    port = f" port {row['port']}" if row["port"] else ""
    named = f" ({', '.join(row['names'])})" if row["names"] else ""
    return f"{row['asked']}{port}{named}"
