"""What every simulated control plane shares: its flags, its access log, its server."""

from __future__ import annotations

import argparse
import json
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from wsgiref.types import WSGIApplication

    from werkzeug.serving import BaseWSGIServer

    from liferaft_sandbox.lab.machines import Desired


class Supervisor(Protocol):
    """The lab's side of a cloud: it owns the machines, the control plane only says which."""

    def reconcile(self, cloud: str, desired: Desired, /) -> object:
        """Hand over everything that should exist; what is not named is taken away."""

    def states(self, cloud: str, /) -> Mapping[str, str]:
        """pending, running or stopped, by machine id; a machine that is gone is absent."""


@dataclass(frozen=True)
class Access:
    """One answered API request. `key` names the caller and is never a secret."""

    time: str
    key: str
    service: str
    operation: str
    status: int
    user_agent: str
    request_id: str


class AccessLog:
    """One JSON object per line and request, on disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def write(
        self,
        *,
        key: str,
        service: str,
        operation: str,
        status: int,
        user_agent: str,
        request_id: str,
    ) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = Access(now, key, service, operation, status, user_agent, request_id)
        with self._lock, self._path.open("a", encoding="utf-8") as log:
            log.write(json.dumps(asdict(row)) + "\n")


class _Handler(WSGIRequestHandler):
    """The access log is ours. Werkzeug ends connections after each answer, real vendors do not."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: one access log is enough."""


@dataclass(frozen=True)
class Flags:
    """How a control plane's process is started."""

    host: str
    port: int
    supervisor: Path
    log: Path
    seed_credentials: Path


def parse_flags(program: str, argv: list[str]) -> Flags:
    """Read the flags that all control planes take; exits with usage when they are wrong."""
    parser = argparse.ArgumentParser(prog=program, description=__doc__)
    parser.add_argument("--listen", required=True, metavar="ADDR:PORT")
    parser.add_argument("--supervisor", required=True, type=Path, metavar="UNIX_SOCKET")
    parser.add_argument("--log", required=True, type=Path, metavar="FILE")
    parser.add_argument("--seed-credentials", required=True, type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)
    host, colon, port = arguments.listen.rpartition(":")
    if not colon or not port.isdigit():
        parser.error(f"--listen wants ADDR:PORT, got {arguments.listen!r}")
    return Flags(host, int(port), arguments.supervisor, arguments.log, arguments.seed_credentials)


def http_server(host: str, port: int, app: WSGIApplication) -> BaseWSGIServer:
    """A threaded server of `app`, bound but not yet serving; port 0 picks a free one."""
    return make_server(host, port, app, threaded=True, request_handler=_Handler)


def serve(flags: Flags, create_app: Callable[[Flags], WSGIApplication]) -> None:
    """Answer requests until the process is told to end."""
    http_server(flags.host, flags.port, create_app(flags)).serve_forever()
