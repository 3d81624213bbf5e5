"""A real PowerDNS on loopback, from the tree of vendors that the sandbox builds once."""

import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.hosts.ports import quiet_port

from liferaft.dns.vendors import DnsVendor
from liferaft_sandbox.lab.images import build, read_recipe
from liferaft_sandbox.state import cache_folder

START_SECONDS = 60.0
API_KEY = "a key of the test"
SCHEMA = "usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


@dataclass(frozen=True)
class PowerDns:
    """One running server."""

    port: int
    """Where it answers DNS, which nobody asks it here."""
    api_port: int

    @property
    def vendor(self) -> DnsVendor:
        options = {"host": "127.0.0.1", "port": self.api_port, "api_key": API_KEY}
        return DnsVendor("powerdns", "octodns_powerdns.PowerDnsProvider", options)

    def api(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(
            method,
            f"http://127.0.0.1:{self.api_port}/api/v1/servers/localhost{path}",
            json=body,
            headers={"X-API-Key": API_KEY},
            timeout=30,
        )

    def create_zone(self, zone: str, records: list[tuple[str, str, str]]) -> None:
        rrsets = [
            {
                "name": f"{name}.",
                "type": kind,
                "ttl": 60,
                "records": [{"content": content, "disabled": False}],
            }
            for name, kind, content in records
        ]
        body = {"name": f"{zone}.", "kind": "Native", "nameservers": [f"ns1.{zone}."]}
        self.api("POST", "/zones", body | {"rrsets": rrsets}).raise_for_status()

    def rrsets(self, zone: str) -> dict[tuple[str, str], list[str]]:
        """Everything in the zone but its SOA, whose serial counts changes."""
        found = self.api("GET", f"/zones/{zone}.").json()["rrsets"]
        return {
            (rrset["name"].rstrip("."), rrset["type"]): sorted(
                r["content"] for r in rrset["records"]
            )
            for rrset in found
            if rrset["type"] != "SOA"
        }


@pytest.fixture(scope="session")
def powerdns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerDns]:
    tree = build(read_recipe("vendors"), cache_folder(), print)
    data = tmp_path_factory.mktemp("powerdns")
    with closing(sqlite3.connect(data / "pdns.sqlite3")) as database:
        database.executescript((tree / SCHEMA).read_text())
    server = PowerDns(quiet_port(), quiet_port())
    options = {
        "launch": "gsqlite3",
        "gsqlite3-database": "/data/pdns.sqlite3",
        "local-address": "127.0.0.1",
        "local-port": server.port,
        "api": "yes",
        "api-key": API_KEY,
        "webserver": "yes",
        "webserver-address": "127.0.0.1",
        "webserver-port": server.api_port,
        "socket-dir": "/data",
        "cache-ttl": 0,
        "query-cache-ttl": 0,
        "negquery-cache-ttl": 0,
        "zone-cache-refresh-interval": 0,
        "disable-syslog": "yes",
        "security-poll-suffix": "",
    }
    (data / "pdns.conf").write_text("".join(f"{key}={value}\n" for key, value in options.items()))
    inner = f"mount --bind {data} {tree}/data && exec chroot {tree} pdns_server --config-dir=/data"
    argv = ["unshare", "--mount", "--propagation", "private", "--fork", "--kill-child"]
    with (data / "log").open("w") as log:
        process = subprocess.Popen([*argv, "sh", "-c", inner], stdout=log, stderr=log)
        try:
            _wait_until_up(server, process, data / "log")
            yield server
        finally:
            process.kill()
            process.wait(timeout=60)


def _wait_until_up(server: PowerDns, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if server.api("GET", "").ok:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail(f"PowerDNS did not start: {log.read_text()[-2000:]}")
