"""The certificate that Caddy will use for the domain, as it lies in its storage on a host.

Where there is none that is valid, Caddy orders one as soon as it runs. Authorities count orders,
and even more strictly those whose validation fails.
"""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

from liferaft.edge.caddyfile import STORAGE, Edge
from liferaft.remote.contract import Host

_LEAST_LEFT: Final = timedelta(hours=1)
"""A certificate that ends sooner is as good as none."""


def certificate_path(edge: Edge) -> str:
    """Where Caddy keeps it: below a folder that is named by the ACME directory's host and path, in
    which slashes and colons are hyphens."""
    directory = urlsplit(edge.acme_directory)
    path = directory.path.strip("/").replace("/", "-")
    issuer = f"{directory.netloc}-{path}" if path else directory.netloc
    folder = f"{STORAGE}/certificates/{issuer.lower().replace(':', '-')}/{edge.domain}"
    return f"{folder}/{edge.domain}.crt"


async def has_certificate(host: Host, edge: Edge) -> bool:
    """There is one for the domain, valid or not: Caddy's storage is not a new one."""
    return await _read(host, edge) is not None


async def has_valid_certificate(host: Host, edge: Edge, *, at: datetime) -> bool:
    """Caddy has no reason to order one before it serves."""
    found = await _read(host, edge)
    if found is None:
        return False
    try:
        (first, *_) = x509.load_pem_x509_certificates(found)
        names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return False
    is_in_time = first.not_valid_before_utc <= at < first.not_valid_after_utc - _LEAST_LEFT
    return is_in_time and edge.domain in names.get_values_for_type(x509.DNSName)


async def _read(host: Host, edge: Edge) -> bytes | None:
    said = await host.run(["cat", certificate_path(edge)], check=False)
    return None if said.exit_code else said.stdout
