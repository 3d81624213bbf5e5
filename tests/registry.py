"""IANA's table and a registry that speaks RDAP, on loopback: as RFC 7480, 9083 and 9224 say.

It refuses what registries refuse: other methods, clients that take no RDAP, names that nobody can
register there, and whoever asks too often.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from liferaft.dns.rdap import Registries

RDAP = "application/rdap+json"


@dataclass
class RegistryModel:
    """A registry of `.dev` and `.co.uk`.

    Attributes:
        domains: its documents, by name.
        moved: names that it leads elsewhere for, and whither: a path or an address.
        patience: how many questions it takes; then it answers 429.
        drips: seconds between the bytes of its answers.
        table: what stands in IANA's; None: what names this registry.
        asked: the paths that were asked for.
    """

    domains: dict[str, dict[str, Any]] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    patience: int = 100
    drips: float = 0.0
    table: object = None
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def registries(self) -> Registries:
        return Registries(f"{self.url}/rdap/dns.json")

    def has(self, name: str, *statuses: str, **events: str) -> None:
        """A document of it. events: `expiration="2027-01-01T00:00:00Z"`."""
        rows = {action.replace("_", " "): at for action, at in events.items()}
        self.domains[name] = {
            "rdapConformance": ["rdap_level_0"],
            "objectClassName": "domain",
            "ldhName": name.upper(),
            "status": list(statuses),
            "events": [{"eventAction": action, "eventDate": at} for action, at in rows.items()],
        }

    def known(self) -> dict[str, Any]:
        """IANA's table, where it is not another one."""
        here = [f"{self.url}/registry/"]
        dead = ["http://127.0.0.1:9/"]
        services = [[["dev"], here], [["uk"], dead], [["co.uk"], [*dead, *here]]]
        return {"version": "1.0", "publication": "2026-11-22T14:00:00Z", "services": services}

    def answer(self, path: str, accept: str) -> tuple[int, dict[str, str], object]:
        if path == "/rdap/dns.json":
            return 200, {}, self.known() if self.table is None else self.table
        place, _, name = path.removeprefix("/registry/").partition("/")
        if RDAP not in accept:
            return _refusal(406, "Not Acceptable")
        self.asked.append(name)
        if len(self.asked) > self.patience:
            status, _, said = _refusal(429, "Too Many Requests")
            return status, {"Retry-After": "120"}, said
        return self._look(place, name)

    def _look(self, place: str, name: str) -> tuple[int, dict[str, str], object]:
        if name in self.moved:
            return 301, {"Location": self.moved[name]}, {}
        if place != "domain" or name.count(".") > 2:
            return _refusal(400, "Bad Request")
        if name not in self.domains:
            return _refusal(404, "Not Found")
        return 200, {}, self.domains[name]


def _refusal(status: int, title: str) -> tuple[int, dict[str, str], object]:
    return status, {}, {"errorCode": status, "title": title}


@contextmanager
def registry() -> Iterator[RegistryModel]:
    """One that answers until the end."""
    model = RegistryModel()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, said = model.answer(self.path, self.headers.get("Accept", ""))
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            for name, value in {"Content-Type": RDAP, **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body if model.drips else ():
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(model.drips)
            if not model.drips:
                self.wfile.write(body)

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        model.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()
