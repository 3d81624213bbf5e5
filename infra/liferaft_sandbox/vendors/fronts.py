"""What stands before a store: Caddy with the vendor's refusals, TLS, and an account of requests.

All else reaches the store as it was sent: a signature covers the Host header and the path, bodies
pass as they come, and no header is added that the store would read.
"""

from collections.abc import Iterable
from typing import Final

from liferaft_sandbox.vendors.refusals import Rule

ACCESS_LOG: Final = "access.jsonl"
"""In the store's folder: a JSON object per request, credentials redacted by Caddy."""
ARGV: Final = ("/usr/bin/caddy", "run", "--config", "/data/Caddyfile", "--adapter", "caddyfile")
ENVIRONMENT: Final = {"XDG_DATA_HOME": "/data", "XDG_CONFIG_HOME": "/data"}
KEPT_CONNECTIONS: Final = 64
"""To the store: as many as a copy with many lanes asks at once."""


def caddyfile(dns_name: str, address: str, port: int, behind: str, rules: Iterable[Rule]) -> str:
    """The configuration of a front at `address` for the store at `behind` (HOST:PORT)."""
    lines = "\n".join(
        line for number, rule in enumerate(rules, 1) for line in _lines(f"@rule{number}", rule)
    )
    return f"""\
{{
  admin off
  auto_https off
  servers {{
    protocols h1
  }}
}}
https://{dns_name}:{port} {{
  bind {address}
  tls /data/cert.pem /data/key.pem
  log {{
    output file /data/{ACCESS_LOG} {{
      roll_disabled
    }}
    format filter {{
      wrap json
      fields {{
        resp_headers delete
        request>tls delete
      }}
    }}
  }}
  route {{
{lines}
    reverse_proxy {behind} {{
      header_up -X-Forwarded-For
      header_up -X-Forwarded-Host
      header_up -X-Forwarded-Proto
      transport http {{
        compression off
        keepalive_idle_conns_per_host {KEPT_CONNECTIONS}
      }}
    }}
  }}
}}
"""


def _lines(which: str, rule: Rule) -> list[str]:
    matcher = [f"    {which} {{", *(f"      {one}" for one in rule.when), "    }"]
    return matcher + [f"    {line.replace('{which}', which)}" for line in rule.then]
