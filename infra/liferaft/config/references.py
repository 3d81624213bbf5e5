"""What sections of the configuration say about each other."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from liferaft.clouds.registry import entry
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
from liferaft.config.urls import is_address, same_place

DATABASE = "postgres"
"""Stands for the database under `runs`; it is no service of the Compose file."""
MOST_GROUPS: Final = 15
"""`provision.description` plans a block of private addresses for each."""
LONGEST_BUCKET: Final = 63


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
        ("vaults",): _each_vault,
        ("servers",): _few_groups,
        ("app", "sites", "data"): _buckets_are_named,
    }
    for needed, check in checks.items():
        if all(name in sections for name in needed):
            yield from check(*(sections[name] for name in needed))


def _each_site(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    yield from _one_primary(sites)
    yield from machines.of_sites(sites)
    yield from _encrypted_objects(sites)
    yield from _regions(sites)


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


def _each_vault(vaults: Mapping[str, VaultConfig]) -> Iterator[Finding]:
    first: dict[tuple[str, str], str] = {}
    for name, vault in vaults.items():
        place, endpoint = ("vaults", name, "endpoint"), vault.endpoint or ""
        if endpoint and not vault.url.startswith("s3://"):
            yield Finding(place, "only an s3:// vault has one", "")
        yield from _https(place, endpoint)
        if endpoint and is_address(endpoint):
            reason = "a server's pgBackRest needs a host name to check a certificate"
            yield Finding(place, reason, "a name, such as https://objects.example")
        where = (same_place(vault.url), same_place(endpoint))
        if first.setdefault(where, name) != name:
            reason = f"vault {first[where]} is the same place: a copy there is none"
            yield Finding(("vaults", name, "url"), reason, "a bucket at another vendor")


def _https(place: tuple[str, ...], endpoint: str) -> Iterator[Finding]:
    if endpoint.startswith("http://"):
        reason = "what goes there would not be encrypted on its way"
        yield Finding(place, reason, "an https:// URL")


def _regions(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    for name, site in sites.items():
        regions = entry(site.cloud).regions
        if regions and not re.fullmatch(regions.pattern, site.region):
            reason = f"{site.region!r} is called like no region of {site.cloud}; zones are chosen"
            yield Finding(("sites", name, "region"), reason, f"a region such as {regions.such_as}")


def _encrypted_objects(sites: Mapping[str, SiteConfig]) -> Iterator[Finding]:
    for name, site in sites.items():
        if site.objects:
            yield from _https(("sites", name, "objects", "endpoint"), site.objects.endpoint)


def _buckets_are_named(
    app: AppConfig, sites: Mapping[str, SiteConfig], data: Mapping[str, DataConfig]
) -> Iterator[Finding]:
    """Buckets are called APP-SITE-DATA at every cloud."""
    for kept, item in data.items():
        for name, site in sites.items() if item.kind == "bucket" else ():
            bucket = f"{app.name}-{name}-{kept}"
            reason = _unusable(bucket, site.cloud)
            if reason:
                reason = f"the bucket of site {name} would be called {bucket}: {reason}"
                yield Finding(("data", kept), reason, "other names for app, site or data")


def _unusable(bucket: str, cloud: str) -> str:
    if len(bucket) > LONGEST_BUCKET:
        return f"{len(bucket)} characters, of which stores take {LONGEST_BUCKET}"
    taken = entry(cloud).reserved.within(bucket)
    return f"{cloud} keeps {taken} for itself" if taken else ""


def _few_groups(servers: Mapping[str, ServerConfig]) -> Iterator[Finding]:
    for name in list(servers)[MOST_GROUPS:]:
        reason = f"a site has at most {MOST_GROUPS} groups: each has a block of private addresses"
        yield Finding(("servers", name), reason, f"{MOST_GROUPS} groups")
