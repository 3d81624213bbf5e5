"""Whom the application depends on: vendors by their names, and what each of them is to it. Pure.

Whoever has a cloud, an object store and a DNS service is one vendor, which ends all of it at once.
It is known by the names of its hosts and classes, as far as these tell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from liferaft.config import Config
from liferaft.config.machines import CLOUD as MACHINES

_OF_HOSTS: Final = {
    "amazonaws.com": "aws",
    "googleapis.com": "gcp",
    "pki.goog": "gcp",
    "your-objectstorage.com": "hetzner",
    "hetzner.com": "hetzner",
    "hetzner.cloud": "hetzner",
}
"""Ends of host names, and whose they are."""
_OF_CLASSES: Final = {
    "octodns_route53": "aws",
    "octodns_googlecloud": "gcp",
    "octodns_hetzner": "hetzner",
}
_SHORT: Final = 3
"""`co` in `co.uk`, `com` in `com.au`: no name of a vendor under a country's domain."""
_COUNTRY: Final = 2


@dataclass(frozen=True)
class VendorUses:
    """What one vendor is to the application: names of liferaft.toml. stores: sites whose objects
    lie at a store of its own."""

    vendor: str
    sites: tuple[str, ...] = ()
    stores: tuple[str, ...] = ()
    vaults: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    issues_certificates: bool = False


def vendors_of(config: Config) -> tuple[VendorUses, ...]:
    """All that the configuration names, each once: clouds first."""
    sites = {name: vendor_of_site(config, name) for name in config.sites}
    vaults = {name: vendor_of_vault(config, name) for name in config.vaults}
    dns = {name: _of_dns(config, name) for name in config.dns.vendors}
    declared = {name: site.objects for name, site in config.sites.items()}
    stores = {name: _of_url(store.endpoint) for name, store in declared.items() if store}
    issuer = _of_url(config.tls.acme_directory)
    named = (*sites.values(), *stores.values(), *vaults.values(), *dns.values(), issuer)
    return tuple(
        VendorUses(
            name,
            tuple(_named(sites, name)),
            tuple(_named(stores, name)),
            tuple(_named(vaults, name)),
            tuple(_named(dns, name)),
            issues_certificates=issuer == name,
        )
        for name in dict.fromkeys(named)
    )


def vendor_of_site(config: Config, site: str) -> str:
    """Machines of somebody's are a vendor by themselves: who that is, nobody says here."""
    cloud = config.sites[site].cloud
    return f"whoever provides {site}" if cloud == MACHINES else cloud


def vendor_of_vault(config: Config, name: str) -> str:
    vault = config.vaults[name]
    if not vault.url.startswith("s3:"):
        return f"the disk of vault {name}"
    return _of_url(vault.endpoint) if vault.endpoint else "aws"


def hosts_of(cloud: str) -> tuple[str, ...]:
    """Ends of the names of a cloud's hosts, as far as they are known."""
    return tuple(end for end, vendor in _OF_HOSTS.items() if vendor == cloud)


def host_of_dns(config: Config, name: str) -> str | None:
    """Where a DNS vendor is asked, by name or address; None where its class alone knows."""
    host = config.dns.vendors[name].options.get("host")
    return host if isinstance(host, str) and "." in host else None


def _of_dns(config: Config, name: str) -> str:
    module = config.dns.vendors[name].class_name.partition(".")[0]
    if module in _OF_CLASSES:
        return _OF_CLASSES[module]
    host = host_of_dns(config, name)
    return f"DNS vendor {name}" if host is None or _is_address(host) else _of_host(host)


def _of_url(url: str) -> str:
    return _of_host(urlsplit(url).hostname or url)


def _of_host(host: str) -> str:
    """Whose host that is: the domain below which it lies, if nobody better is known."""
    if _is_address(host):
        return host
    for end, vendor in _OF_HOSTS.items():
        if host == end or host.endswith(f".{end}"):
            return vendor
    labels = host.split(".")
    is_short = len(labels[-1]) == _COUNTRY and len(labels) > 2 and len(labels[-2]) <= _SHORT  # noqa: PLR2004 - two labels are all that there is
    return ".".join(labels[-3:] if is_short else labels[-2:])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _named(of: Mapping[str, str], vendor: str) -> Iterator[str]:
    return (name for name, whose in of.items() if whose == vendor)
