"""What is said of a DNS vendor, held against the class that is installed for it."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Final

from liferaft.config import written_secrets
from liferaft.config.models import DnsConfig, DnsVendorConfig
from liferaft.config.problems import Finding, Place
from liferaft.config.provider_class import Unfit, arguments, find
from liferaft.config.values import environment_name

_IN_THE_WAY: Final = {
    "apply_disabled": "it would keep every move from users",
    "cdn": "Cloudflare's class would show a proxied address as an alias, which no move can change",
}

_LEAST_TTL: Final = {
    "octodns_desec.DesecProvider": 3600,
    "octodns_gandi.GandiProvider": 300,
}
"""By class: the shortest TTL, in seconds, that its vendor takes; it refuses a record with less.
https://desec.readthedocs.io/en/latest/dns/domains.html#domain-field-reference (per domain; less for
some: `minimum_ttl` says so), https://api.gandi.net/docs/livedns/"""
_CLOSED: Final = {
    "octodns_hetzner.HetznerProvider": (
        *("backend", "dnsapi", "hcloud"),
        "the API at dns.hetzner.com is closed, which the class asks unless it is told otherwise",
    ),
}
"""By class: an argument, its value when it is not given, the one that works, and why.
octodns-hetzner 2.0: `backend`."""


def of_dns(dns: DnsConfig) -> Iterator[Finding]:
    """Secrets that are written down, references that are none, classes and options that do not
    exist."""
    for name, vendor in dns.vendors.items():
        place = ("dns", "vendors", name)
        yield from written_secrets.among(place, vendor.options)
        yield from _references(place, vendor.options)
        yield from _class(place, vendor)
        yield from _ttl(place, dns, vendor)


def _class(place: Place, vendor: DnsVendorConfig) -> Iterator[Finding]:
    found = find(vendor.class_name)
    if isinstance(found, Unfit):
        yield Finding((*place, "class"), found.reason, found.valid)
        return
    for name, reason in _IN_THE_WAY.items():
        if vendor.options.get(name):
            yield Finding((*place, name), reason, "false")
    if vendor.class_name in _CLOSED:
        name, unsaid, works, reason = _CLOSED[vendor.class_name]
        if vendor.options.get(name, unsaid) != works:
            yield Finding((*place, name), reason, f'"{works}"')
    takes = arguments(found)
    for name in takes.unknown(vendor.options):
        close = get_close_matches(name, takes.known, n=1)
        valid = f"did you mean {close[0]}?" if close else ", ".join(takes.known)
        yield Finding((*place, name), f"{vendor.class_name} has no such argument", valid)
    for name in takes.missing(vendor.options):
        yield Finding((*place, name), "missing", f"an argument of {vendor.class_name}")


def _ttl(place: Place, dns: DnsConfig, vendor: DnsVendorConfig) -> Iterator[Finding]:
    usual = _LEAST_TTL.get(vendor.class_name, 0)
    least = usual if vendor.minimum_ttl is None else vendor.minimum_ttl
    if dns.ttl < least:
        own = "; or minimum_ttl of the vendor's table, where it lets you have less"
        yield Finding(
            ("dns", "ttl"),
            f"the vendor {place[-1]} takes no TTL below {least} s",
            f"{least} or more; users may then be led to a dead site for so long"
            + (own if vendor.minimum_ttl is None else ""),
        )


def _references(place: Place, value: Any) -> Iterator[Finding]:
    """Texts that look like the name of a variable and would be taken as they are written."""
    for inner, text in written_secrets.leaves(place, value):
        if str(text).startswith("env/") and environment_name(text) is None:
            yield Finding(
                inner, "it names no variable", "env/NAME, in upper case, digits and underscores"
            )
