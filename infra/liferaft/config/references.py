"""What sections of the configuration say about each other."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from liferaft.config import dns_vendors, machines
from liferaft.config.models import (
    AppConfig,
    DataConfig,
    DnsConfig,
    ServerConfig,
    SiteConfig,
    VaultConfig,
)
from liferaft.config.problems import Finding

DATABASE = "postgres"
"""Stands for the database under `runs`; it is no service of the Compose file."""


def disagreements(sections: Mapping[str, Any]) -> Iterator[Finding]:
    """Every disagreement between those sections that are valid by themselves."""
    checks: dict[tuple[str, ...], Callable[..., Iterator[Finding]]] = {
        ("sites",): _each_site,
        ("sites", "servers"): _servers_at_sites,
        ("sites", "data"): _store_for_bucket,
        ("servers", "data"): _database_has_a_server,
        ("data",): _one_of_a_kind,
        ("app", "dns"): _domain_in_zone,
        ("dns",): dns_vendors.of_dns,
        ("app",): _health_on_domain,
        ("vaults",): _endpoint_for_buckets,
    }
    for needed, check in checks.items():
        if all(name in sections for name in needed):
            yield from check(*(sections[name] for name in needed))


def _each_site(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    yield from _one_primary(sites)
    yield from machines.of_sites(sites)


def _servers_at_sites(
    sites: Mapping[str, SiteConfig], servers: Mapping[str, ServerConfig]
) -> Iterator[Finding]:
    yield from _pinned_groups(sites, servers)
    yield from machines.enough(sites, servers)


def _one_primary(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    primaries = [name for name, site in sites.items() if site.role == "primary"]
    if not primaries:
        yield Finding(("sites",), "no site is the primary", 'role = "primary" at exactly one site')
    for name in primaries[1:]:
        yield Finding(
            ("sites", name, "role"),
            f"{primaries[0]} is the primary already",
            'role = "primary" at exactly one site',
        )


def _pinned_groups(
    sites: Mapping[str, SiteConfig], servers: Mapping[str, ServerConfig]
) -> Iterator[Finding]:
    for name, site in sites.items():
        for group in site.sizes.keys() - servers.keys():
            yield Finding(
                ("sites", name, "sizes", group),
                f"there is no server group {group}",
                ", ".join(servers),
            )


def _store_for_bucket(
    sites: Mapping[str, SiteConfig], data: Mapping[str, DataConfig]
) -> Iterator[Finding]:
    if any(item.kind == "bucket" for item in data.values()):
        yield from machines.without_store(sites)


def _database_has_a_server(
    servers: Mapping[str, ServerConfig], data: Mapping[str, DataConfig]
) -> Iterator[Finding]:
    declared = [name for name, item in data.items() if item.kind == "postgres"]
    running = [name for name, group in servers.items() if DATABASE in group.runs]
    valid = f'exactly one group with count 1 that runs "{DATABASE}"'
    if declared and not running:
        yield Finding(("data", declared[0]), "no server group runs the database", valid)
    if running and not declared:
        reason = f'it runs "{DATABASE}", but no data set is of that kind'
        yield Finding(
            ("servers", running[0], "runs"), reason, 'a table [data.db], kind = "postgres"'
        )
    for name in running[1:]:
        yield Finding(("servers", name, "runs"), f"{running[0]} runs the database already", valid)
    for name in running[:1]:
        if servers[name].count != 1:
            yield Finding(("servers", name, "count"), "a second database server", valid)


def _one_of_a_kind(data: Mapping[str, DataConfig]) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for name, item in data.items():
        if first.setdefault(item.kind, name) != name:
            reason = f"{first[item.kind]} is of kind {item.kind} already"
            yield Finding(("data", name, "kind"), reason, "one data set of each kind")


def _domain_in_zone(app: AppConfig, dns: DnsConfig) -> Iterator[Finding]:
    if f".{app.domain}".endswith(f".{dns.zone}"):
        return
    yield Finding(("dns", "zone"), f"the app's domain {app.domain} is not in this zone", app.domain)


def _health_on_domain(app: AppConfig) -> Iterator[Finding]:
    if urlsplit(app.health).hostname != app.domain:
        yield Finding(("app", "health"), "it is not on the app's domain", f"https://{app.domain}/…")


def _endpoint_for_buckets(vaults: Mapping[str, VaultConfig]) -> Iterator[Finding]:
    for name, vault in vaults.items():
        if vault.endpoint and not vault.url.startswith("s3://"):
            yield Finding(("vaults", name, "endpoint"), "only an s3:// vault has one", "")
