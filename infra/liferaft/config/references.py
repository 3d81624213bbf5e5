"""What sections of the configuration say about each other."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from liferaft.clouds.registry import entry
from liferaft.config import app_secrets, data_checks, dns_vendors, jobs, machines
from liferaft.config.data import Kinds
from liferaft.config.drills import DrillConfig
from liferaft.config.models import AppConfig, DnsConfig, VaultConfig
from liferaft.config.problems import Finding
from liferaft.config.sites import ServerConfig, SiteConfig
from liferaft.config.urls import same_place

MOST_GROUPS: Final = 15
"""`provision.description` plans a block of private addresses for each."""


def disagreements(sections: Mapping[str, Any], kinds: Kinds) -> Iterator[Finding]:
    """Every disagreement between those sections that are valid by themselves."""
    checks: dict[tuple[str, ...], Callable[..., Iterator[Finding]]] = {
        ("sites",): _each_site,
        ("sites", "servers"): _servers_at_sites,
        ("sites", "data"): data_checks.store_for_bucket,
        ("servers", "data"): partial(data_checks.programs_have_a_server, kinds),
        ("data",): data_checks.not_too_many,
        ("app", "dns"): _domain_in_zone,
        ("dns",): dns_vendors.of_dns,
        ("app",): _health_on_domain,
        ("vaults",): _each_vault,
        ("servers",): _few_groups,
        ("app", "sites", "data"): data_checks.buckets_are_named,
        ("sites", "drill"): _drills_of_sites,
        ("servers", "jobs"): jobs.on_servers,
        ("secrets",): app_secrets.of_secrets,
    }
    for needed, check in checks.items():
        if all(name in sections for name in needed):
            yield from check(*(sections[name] for name in needed))
    yield from data_checks.of_themselves(sections.get("data", {}), sections)


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


def _drills_of_sites(sites: Mapping[str, SiteConfig], drill: DrillConfig) -> Iterator[Finding]:
    for key, asked in (("every", drill.every), ("data_every", drill.data_every)):
        for name in asked.keys() - sites.keys():
            reason, valid = f"there is no site {name}", ", ".join(sites)
            yield Finding(("drill", key, name), reason, valid)


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


def _few_groups(servers: Mapping[str, ServerConfig]) -> Iterator[Finding]:
    for name in list(servers)[MOST_GROUPS:]:
        reason = f"a site has at most {MOST_GROUPS} groups: each has a block of private addresses"
        yield Finding(("servers", name), reason, f"{MOST_GROUPS} groups")
