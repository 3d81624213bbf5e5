"""Names: PowerDNS holds the app's zone, unbound resolves it for hosts, operators and users."""

import json
import sqlite3
import urllib.error
import urllib.request
from pathlib import Path

import dns.message
import dns.query
import dns.rcode

from liferaft_sandbox.addresses import APP_ZONE, NAME_API_PORT, NAME_SERVER, NAMES, PLACES
from liferaft_sandbox.vendors.services import Service

PROBE_SECONDS = 2.0
NEGATIVE_TTL = 10
"""Seconds that "no such name" may be remembered: a short time, said by the zone itself."""
SCHEMA = "usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"
API = f"http://{NAME_SERVER}:{NAME_API_PORT}/api/v1/servers/localhost"


def authoritative(api_key: str) -> Service:
    """PowerDNS with its API; its folder needs the database that `create_database` makes."""
    settings = {
        "launch": "gsqlite3",
        "gsqlite3-database": "/data/zones.sqlite",
        "gsqlite3-pragma-synchronous": "0",
        "local-address": NAME_SERVER,
        "socket-dir": "/tmp",  # noqa: S108 - the service's own tmpfs
        "api": "yes",
        "api-key": api_key,
        "webserver": "yes",
        "webserver-address": NAME_SERVER,
        "webserver-port": str(NAME_API_PORT),
        "webserver-allow-from": "0.0.0.0/0",
        "webserver-loglevel": "none",
        "default-soa-content": f"ns1.{APP_ZONE} hostmaster.@ 0 10800 3600 604800 {NEGATIVE_TTL}",
        "cache-ttl": "0",
        "query-cache-ttl": "0",
        "negquery-cache-ttl": "0",
        "zone-cache-refresh-interval": "0",
        "security-poll-suffix": "",
        "version-string": "anonymous",
    }
    return Service(
        name="powerdns",
        place="neutral",
        argv=("/usr/sbin/pdns_server", "--config-dir=/data", "--daemon=no", "--guardian=no"),
        resolver=NAME_SERVER,
        files={"pdns.conf": "".join(f"{k}={v}\n" for k, v in settings.items()).encode()},
    )


def create_database(vendors: Path, folder: Path) -> None:
    """An empty zone database, by the schema that Debian's package brings."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = sqlite3.connect(folder / "zones.sqlite")
    try:
        database.executescript((vendors / SCHEMA).read_text())
    finally:
        database.close()


def create_zone(api_key: str) -> None:
    """The app's zone with SOA and NS; nothing happens if it is there.

    Raises OSError (urllib's) while PowerDNS does not answer.
    """
    zone = {
        "name": f"{APP_ZONE}.",
        "kind": "Native",
        "nameservers": [f"ns1.{APP_ZONE}."],
        "rrsets": [
            {
                "name": f"ns1.{APP_ZONE}.",
                "type": "A",
                "ttl": 3600,
                "records": [{"content": NAME_SERVER, "disabled": False}],
            }
        ],
    }
    request = urllib.request.Request(  # noqa: S310 - a constant
        f"{API}/zones",
        data=json.dumps(zone).encode(),
        headers={"X-API-Key": api_key, "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=PROBE_SECONDS):  # noqa: S310 - a constant
            pass
    except urllib.error.HTTPError as error:
        if error.code != 409:  # noqa: PLR2004 - conflict: it is there
            raise


def resolver(name: str, place: str, address: str, *, negative_ttl: int) -> Service:
    """A caching resolver that knows the app's zone, the sandbox's own names, and nothing else."""
    local = "".join(
        f'  local-data: "{known}. 3600 IN A {where}"\n' for known, where in NAMES.items()
    )
    configuration = f"""\
server:
  interface: {address}
  outgoing-interface: {address}
  do-ip6: no
  access-control: 0.0.0.0/0 allow
  chroot: ""
  username: ""
  pidfile: ""
  directory: "/data"
  use-syslog: no
  do-daemonize: no
  num-threads: 1
  module-config: "iterator"
  msg-cache-size: 1m
  rrset-cache-size: 1m
  cache-max-negative-ttl: {negative_ttl}
  infra-host-ttl: 5
  do-not-query-localhost: no
  local-zone: "." static
  local-zone: "{APP_ZONE}." transparent
{local}remote-control:
  control-enable: no
stub-zone:
  name: "{APP_ZONE}."
  stub-addr: {NAME_SERVER}
"""
    return Service(
        name=name,
        place=place,
        argv=("/usr/sbin/unbound", "-d", "-p", "-c", "/data/unbound.conf"),
        resolver=PLACES[place].resolver,
        files={"unbound.conf": configuration.encode()},
    )


def probe(address: str) -> None:
    """Ask for the app's zone. Raises dnspython's errors, or OSError, while it is unknown."""
    query = dns.message.make_query(f"{APP_ZONE}.", "SOA")
    answer = dns.query.udp(query, address, timeout=PROBE_SECONDS)
    if answer.rcode() != dns.rcode.NOERROR or not answer.answer:
        raise OSError(f"{address} answered {dns.rcode.to_text(answer.rcode())} for {APP_ZONE}")
