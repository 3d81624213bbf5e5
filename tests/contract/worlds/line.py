"""A control plane on loopback, and the line to it, which can be made unreliable."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Asked:
    """A request as the faults see it."""

    request: Request
    body: bytes

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def path(self) -> str:
        return self.request.path

    @cached_property
    def form(self) -> Mapping[str, str]:
        """AWS's query protocol."""
        form = parse_qs(self.body.decode("utf-8", "replace"))
        return {name: values[0] for name, values in form.items()}

    @cached_property
    def json(self) -> Any:
        """Google's and Hetzner's bodies; {} where there is none."""
        try:
            return json.loads(self.body) if self.body else {}
        except ValueError:
            return {}

    @cached_property
    def changes_something(self) -> bool:
        target = self.request.headers.get("X-Amz-Target", "")  # AWS's JSON protocol
        action = self.form.get("Action", "") or target.rpartition(".")[2]
        if action:
            tries = self.form.get("DryRun") == "true"
            return not tries and not action.startswith(("Describe", "Get", "List"))
        return self.method not in ("GET", "HEAD") and not self.path.endswith("/token")


Real = Callable[[], Response]
Fault = Callable[[Asked, Real], Response | None]
"""Answers instead of the real cloud, or None. May call the real one, once."""


@dataclass
class Line:
    """A WSGI middleware: counts what changes something, and fails when it is told to."""

    app: "WSGIApplication"
    changes: int = 0
    lose: Callable[[int], bool] | None = None
    """Says of the n-th change whether its answer is lost after it was done."""
    burst: list[Response] = field(default_factory=list)
    """Answers to give instead of the real ones, first come."""
    faults: list[Fault] = field(default_factory=list)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data()  # even for an answer of ours: unread, it breaks keep-alive
        environ["wsgi.input"] = BytesIO(body)
        if self.burst:
            return self.burst.pop(0)(environ, start_response)
        asked = Asked(request, body)
        if asked.changes_something:
            self.changes += 1
        number = self.changes
        answer = self._answer(asked, environ)
        lost = self.lose is not None and asked.changes_something and self.lose(number)
        if lost:
            assert answer.status_code < 500, answer.get_data()
            answer = Response("upstream timed out", 504)
        return answer(environ, start_response)

    def mend(self) -> None:
        self.lose = None
        self.burst.clear()
        self.faults.clear()

    def _answer(self, asked: Asked, environ: "WSGIEnvironment") -> Response:
        def real() -> Response:
            environ["wsgi.input"] = BytesIO(asked.body)
            return Response.from_app(self.app, environ)

        for fault in self.faults:
            answer = fault(asked, real)
            if answer is not None:
                return answer
        return real()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def broken_off() -> Response:
    """Says that it is longer than it is."""
    headers = {"Content-Length": "4096", "Connection": "close"}
    return Response(b'{"half', 200, headers, mimetype="application/json")


@contextmanager
def served(app: "WSGIApplication") -> Iterator[str]:
    """The address on which `app` answers."""
    with ExitStack() as stack:
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield f"http://127.0.0.1:{server.port}"
