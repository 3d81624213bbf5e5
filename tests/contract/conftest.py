"""The simulated control planes on loopback, and a line to them that can be made unreliable."""

import itertools
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request as WsgiRequest
from werkzeug.wrappers import Response

from liferaft.clouds.contract import Cloud
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.registry import open_cloud

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "AKIASANDBOXOPERATOR"
# moto keeps every account's things for as long as the process lives.
_ACCOUNTS = itertools.count(210_987_654_321)
TOKEN = "sandbox-token"


class Machines:
    """A supervisor whose machines are there at once, unless it is told to hold them back."""

    def __init__(self) -> None:
        self.machines: tuple[object, ...] = ()
        self.booting = False

    def reconcile(self, _cloud: str, desired: object) -> None:
        self.machines = tuple(desired.machines)  # type: ignore[attr-defined]  # sandbox's Desired

    def states(self, _cloud: str) -> Mapping[str, str]:
        up = "pending" if self.booting else "running"
        return {m.id: up if m.running else "stopped" for m in self.machines}  # type: ignore[attr-defined]  # as above


def _never(_: int) -> bool:
    return False


@dataclass
class Line:
    """A WSGI middleware: counts what changes something, and fails when it is told to."""

    app: "WSGIApplication"
    changes: int = 0
    lose: Callable[[int], bool] = _never
    """Says of the n-th change (from 1) whether its answer is lost after it was done."""
    burst: list[Response] = field(default_factory=list)
    """Answers to give instead of the real ones, first come."""

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = WsgiRequest(environ)
        body = request.get_data()  # even for an answer of ours: unread, it breaks keep-alive
        environ["wsgi.input"] = BytesIO(body)
        if self.burst:
            return self.burst.pop(0)(environ, start_response)
        if not _changes_something(request, body):
            return self.app(environ, start_response)
        self.changes += 1
        if not self.lose(self.changes):
            return self.app(environ, start_response)
        real = Response.from_app(self.app, environ)
        assert real.status_code < 500, real.get_data()
        return Response("upstream timed out", 504)(environ, start_response)


def _changes_something(request: WsgiRequest, body: bytes) -> bool:
    action = parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    if action:
        return not action.startswith(("Describe", "Get", "List"))
    return request.method not in ("GET", "HEAD")


@dataclass(frozen=True)
class World:
    """One simulated cloud and how to open it as a user would."""

    name: str
    region: str
    line: Line
    machines: Machines
    url: str
    credentials: Mapping[str, str]
    opened: dict[Patience, Cloud] = field(default_factory=dict)

    def open(self, patience: Patience) -> Cloud:
        """One Cloud for each patience: loading EC2's description takes longer than a test."""
        if patience not in self.opened:
            self.opened[patience] = self.open_anew(patience)
        return self.opened[patience]

    def open_anew(self, patience: Patience) -> Cloud:
        return open_cloud(self.name, self.region, self.credentials, patience=patience)

    def throttled(self, seconds: int) -> Response:
        """What the cloud says to too many requests, in its own words."""
        wait = {"Retry-After": str(seconds)}
        if self.name == "aws":
            text = "<Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
            return Response(f"<ErrorResponse>{text}</ErrorResponse>", 400, wait)
        error = {"code": "rate_limit_exceeded", "message": "limit reached", "details": None}
        return Response(json.dumps({"error": error}), 429, wait, mimetype="application/json")

    def say(self, word: str) -> None:
        """`suspend` or `reinstate` the account."""
        with urlopen(Request(f"{self.url}/_sandbox/{word}", method="POST"), timeout=5):  # noqa: S310  # our own loopback
            pass


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def _aws(machines: Machines, folder: Path) -> "WSGIApplication":
    from liferaft.sandbox.aws.accounts import Account
    from liferaft.sandbox.aws.front import create_app
    from liferaft.sandbox.control_plane import AccessLog

    return create_app(
        machines,
        account=Account(f"{next(_ACCOUNTS)}", frozenset({KEY})),
        access_log=AccessLog(folder / "access.log"),
    )


def _hetzner(machines: Machines, folder: Path) -> "WSGIApplication":
    from liferaft.sandbox.control_plane import AccessLog
    from liferaft.sandbox.hetzner.front import create_app

    return create_app(
        machines, tokens=frozenset({TOKEN}), access_log=AccessLog(folder / "access.log")
    )


def _hetzner_with_objects(machines: Machines, folder: Path) -> "WSGIApplication":
    """Hetzner's API, and S3 as moto speaks it (what the simulated AWS falls back to)."""
    api, objects = _hetzner(machines, folder), _aws(Machines(), folder)

    def either(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        of_api = environ["PATH_INFO"].startswith(("/v1/", "/_sandbox/"))
        return (api if of_api else objects)(environ, start_response)

    return either


def _serve(app: "WSGIApplication", stack: ExitStack) -> str:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session", params=["aws", "hetzner"])
def control_plane(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Started once: what tests make there is told apart by their owners."""
    tmp_path = tmp_path_factory.mktemp(request.param)
    machines = Machines()
    with ExitStack() as stack:
        if request.param == "aws":
            line = Line(_aws(machines, tmp_path))
            url = _serve(line, stack)
            yield World(
                *("aws", "us-east-1", line, machines, url),
                {
                    "AWS_ACCESS_KEY_ID": KEY,
                    "AWS_SECRET_ACCESS_KEY": "secret",
                    "AWS_ENDPOINT_URL": url,
                },
            )
            return
        line = Line(_hetzner_with_objects(machines, tmp_path))
        url = _serve(line, stack)
        yield World(
            *("hetzner", "fsn1", line, machines, url),
            {
                "HCLOUD_TOKEN": TOKEN,
                "HCLOUD_ENDPOINT": f"{url}/v1",
                "HETZNER_S3_ENDPOINT": url,
                "HETZNER_S3_ACCESS_KEY_ID": KEY,
                "HETZNER_S3_SECRET_ACCESS_KEY": "secret",
            },
        )


@pytest.fixture
def world(control_plane: World) -> Iterator[World]:
    """A reliable line at the start of every test, and an account in good standing after it."""
    yield control_plane
    control_plane.line.lose = _never
    control_plane.line.burst.clear()
    control_plane.machines.booting = False
    control_plane.say("reinstate")


@pytest.fixture
def public_key() -> str:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    openssh = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return openssh.decode()
