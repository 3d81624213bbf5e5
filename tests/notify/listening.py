"""Who is told of alarms, on the wire: a server on the loopback that keeps what it was sent."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event
from typing import Any

from tests.serving import serving

from liferaft_sandbox.vendors.certificates import Authority

SECRET = "4f1c-the-listeners-own-name"


class Listener(ThreadingHTTPServer):
    """Hears what is said to it. answers: its code; silent: it says nothing at all until freed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Heard)
        self.heard: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.answers = 200
        self.freed = Event()
        self.freed.set()

    @property
    def url(self) -> str:
        """In apprise's words, with a secret in each place that has room for one."""
        return f"json://{SECRET}:{SECRET}@127.0.0.1:{self.server_port}/{SECRET}?+X-Key={SECRET}"

    @property
    def switch(self) -> str:
        """As a dead man's switch has it."""
        return f"https://localhost:{self.server_port}/{SECRET}"

    def speak_tls(self, folder: Path) -> Path:
        """From now on, with a certificate of an authority whose own is in the file."""
        authority, context = Authority("listener"), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue("localhost", folder)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self.socket = context.wrap_socket(self.socket, server_side=True)
        root = folder / "root.pem"
        root.write_bytes(authority.root())
        return root


class _Heard(BaseHTTPRequestHandler):
    server: Listener

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self._answer()

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.heard.append(json.loads(self.rfile.read(length)))
        self.server.asked.append(self.path)
        self._answer()

    def _answer(self) -> None:
        self.server.freed.wait(30)
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def listening(made: Listener | None = None) -> Iterator[Listener]:
    """Until the block ends."""
    with serving(made or Listener()) as one:
        try:
            yield one
        finally:
            one.freed.set()
