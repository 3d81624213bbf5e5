"""The certificate authority: Caddy's acme_server, which validates names through fresh answers."""

import ssl
import urllib.request
from pathlib import Path

from liferaft_sandbox.addresses import AUTHORITY, AUTHORITY_PORT, AUTHORITY_URL, NAME_SERVER
from liferaft_sandbox.vendors.services import Service

PROBE_SECONDS = 3.0
CADDYFILE = f"""\
{{
  admin off
  auto_https disable_redirects
  storage file_system /data/storage
  skip_install_trust
  pki {{
    ca lab {{
      name "Sandbox ACME"
    }}
  }}
}}
https://ca.neutral.test:{AUTHORITY_PORT} {{
  bind {AUTHORITY}
  tls {{
    issuer internal {{
      ca lab
    }}
  }}
  acme_server {{
    ca lab
  }}
}}
"""


def authority() -> Service:
    """It asks the name server itself: a cache would show it the world before a switch."""
    return Service(
        name="authority",
        place="neutral",
        argv=("/usr/bin/caddy", "run", "--config", "/data/Caddyfile", "--adapter", "caddyfile"),
        resolver=NAME_SERVER,
        files={"Caddyfile": CADDYFILE.encode()},
        environment={"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/data"},
    )


def root(folder: Path) -> bytes:
    """The root certificate that the running authority made, PEM. Raises OSError before."""
    return (folder / "storage/pki/authorities/lab/root.crt").read_bytes()


def probe(folder: Path) -> None:
    """Fetch the directory over TLS that its root verifies. Raises OSError while it cannot be."""
    trust = ssl.create_default_context(cadata=root(folder).decode())
    with urllib.request.urlopen(AUTHORITY_URL, timeout=PROBE_SECONDS, context=trust):  # noqa: S310 - a constant
        pass
