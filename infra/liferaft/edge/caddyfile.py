"""The Caddyfile of a site, rendered from facts. The same file serves primary and standby.

Caddy 2.6 (Debian 12, 13). An app that is absent, unhealthy or not answering is the holding page; a
503 of the app's own passes as it is. Certificates lie in a folder of ours, under a path that holds
the ACME server's host and path: keep `acme_directory` the same at all sites.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from liferaft.edge.balancing import BALANCING
from liferaft.edge.holding import MARKER_HEADER, RETRY_SECONDS, Notice, holding_page
from liferaft.failures import BadInput

STORAGE: Final = "/var/lib/caddy/liferaft"
"""Certificates, keys and the ACME account: the data set `certificates`."""
CA_ROOTS: Final = "/etc/caddy"
PAGES: Final = "/etc/caddy/holding"
"""The holding page in each of its cases; beside them an empty file for each case that is now."""
_PLAIN = re.compile(r"[\w.@:/?&=%+~-]+")
"""What needs no quoting in a Caddyfile."""


@dataclass(frozen=True)
class Edge:
    """What the reverse proxy of a site has to know."""

    domain: str
    email: str
    acme_directory: str
    upstreams: tuple[str, ...] = ("127.0.0.1:8080",)
    """`ADDRESS:PORT` of every app server; private addresses when there are several."""
    health_path: str = "/healthz"
    """Answers 2xx while the app is well."""
    ca_root: str | None = None
    """PEM by which Caddy knows a private ACME server; None for a public one."""
    users_root: str | None = None
    """PEM that users would trust: of a private authority, or of a staging one, whose API is public;
    None for the system's."""
    page: str | None = field(default=None, repr=False)
    """The operator's own holding page, in every case; None for ours."""

    def __post_init__(self) -> None:
        for value in (self.domain, self.email, self.acme_directory, self.health_path):
            if not _PLAIN.fullmatch(value):
                raise BadInput(f"{value!r} cannot stand in a Caddyfile.")
        if not self.health_path.startswith("/"):
            raise BadInput(f"The health path {self.health_path!r} does not start with a slash.")
        if not self.upstreams:
            raise BadInput(f"There is no app server behind {self.domain}.")
        for upstream in self.upstreams:
            address, _, port = upstream.rpartition(":")
            try:
                ipaddress.IPv4Address(address)
                int(port)
            except ValueError as error:
                raise BadInput(f"{upstream!r} is not ADDRESS:PORT.") from error

    @property
    def health_headers(self) -> Mapping[str, str]:
        """What a health request says, as a user's request says it: many apps refuse a Host that
        they do not know, or send whoever did not come by https elsewhere.
        """
        return {
            "Host": self.domain,
            "X-Forwarded-Host": self.domain,
            "X-Forwarded-Proto": "https",
        }

    @property
    def ca_root_path(self) -> str | None:
        """Where the root lies on the host. A new root is a new file: the old one stays in use."""
        return _root_path("acme", self.ca_root)

    @property
    def users_root_path(self) -> str | None:
        """Where that lies which users would trust."""
        return _root_path("users", self.users_root)

    @property
    def pages(self) -> Mapping[str, str]:
        """The holding page in each case, by where it lies on the host."""
        return {
            f"{PAGES}/{notice}.html": self.page or holding_page(self.domain, notice)
            for notice in Notice
        }


def _root_path(whose: str, pem: str | None) -> str | None:
    if pem is None:
        return None
    return f"{CA_ROOTS}/liferaft-{whose}-{sha256(pem.encode()).hexdigest()[:12]}.pem"


def sign(notice: Notice) -> str:
    """The file on the host that says that this is the case now."""
    return f"{PAGES}/{notice}.now"


def health_path(health_url: str) -> str:
    """The path of the app's public health URL, query included, for checks from within."""
    parts = urlsplit(health_url)
    return f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"


def caddyfile(edge: Edge) -> str:
    """The whole file: the same text for the same facts."""
    return _template().render(
        edge=edge,
        storage=STORAGE,
        marker_header=MARKER_HEADER,
        retry_seconds=RETRY_SECONDS,
        folder=PAGES,
        announced=[notice for notice in Notice if notice is not Notice.AWAY],
        otherwise=Notice.AWAY,
        balancing=BALANCING,
    )


@cache
def _template() -> Template:
    """Read once: every question about an edge renders it."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - no HTML: every value is checked in Edge
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("Caddyfile.j2")
