"""The WSGI application: who may ask, what changed, and what the access log says about it."""

from __future__ import annotations

import hashlib
import json
import threading
import time
import uuid
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from liferaft_sandbox.clouds.hetzner.api import Api
from liferaft_sandbox.clouds.hetzner.collection import Reply
from liferaft_sandbox.clouds.hetzner.desired import desired
from liferaft_sandbox.clouds.hetzner.errors import ApiError
from liferaft_sandbox.clouds.hetzner.limits import RateLimit
from liferaft_sandbox.clouds.hetzner.state import State
from liferaft_sandbox.clouds.standing import PREFIX, Standing
from liferaft_sandbox.failures import SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from liferaft_sandbox.clouds.control_plane import AccessLog, Supervisor

CLOUD = "hetzner"
_VERSION = "v1"


def create_app(
    supervisor: Supervisor,
    *,
    tokens: frozenset[str],
    access_log: AccessLog,
    clock: Callable[[], float] = time.time,
) -> WSGIApplication:
    """A whole Hetzner Cloud with one empty project, which all tokens open.

    What the lab may say to it: `liferaft_sandbox.clouds.standing`.
    """
    return Front(supervisor, tokens, access_log, clock)


class Front:
    def __init__(
        self,
        supervisor: Supervisor,
        tokens: frozenset[str],
        access_log: AccessLog,
        clock: Callable[[], float],
    ) -> None:
        self._supervisor = supervisor
        self._tokens = tokens
        self._access_log = access_log
        self._standing = Standing()
        self._state = State(self._standing)
        self._api = Api(self._state)
        self._limit = RateLimit(clock)
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data()  # a refused body left unread would be taken for the next request
        if request.path.startswith(PREFIX):
            return self._standing.obey(request)(environ, start_response)
        request_id = uuid.uuid4().hex
        with self._lock:
            try:
                reply = self._answer(request)
            except ApiError as error:
                reply = Reply(error.status, error.body())
            except SandboxFailed as error:  # the lab, not the caller
                failed = ApiError(500, "server_error", error.facts.happened)
                reply = Reply(failed.status, failed.body())
            headers = self._limit.headers()
        self._access_log.write(
            key=_name_of(_token(request)),
            service=CLOUD,
            operation=f"{request.method} {request.path}",
            status=reply.status,
            user_agent=request.headers.get("User-Agent", ""),
            request_id=request_id,
        )
        content = b"" if reply.body is None else json.dumps(reply.body).encode()
        response = Response(content, reply.status, headers, content_type="application/json")
        if not content:  # Some clients take the header's word for it and parse nothing.
            del response.headers["Content-Type"]
        response.headers["X-Correlation-Id"] = request_id
        return response(environ, start_response)

    def _answer(self, request: Request) -> Reply:
        if _token(request) not in self._tokens:
            raise ApiError(401, "unauthorized", "unable to authenticate")
        if self._standing.suspended:
            # Assumed: Hetzner documents no answer for a locked account; `forbidden` is the
            # documented code for "insufficient permissions for this request".
            raise ApiError(403, "forbidden", "insufficient permissions for this request")
        if not self._limit.spend():
            raise ApiError(429, "rate_limit_exceeded", "limit of 3600 requests per hour reached")
        path = request.path.strip("/").split("/")
        if path[0] != _VERSION or len(path) == 1:
            raise ApiError(404, "not_found", "endpoint not found")
        self._catch_up()
        reply = self._api.answer(request.method, path[1:], request.args, _body(request))
        if request.method != "GET":
            self._supervisor.reconcile(CLOUD, desired(self._state))
        return reply

    def _catch_up(self) -> None:
        """Let actions advance to where the machines are before anybody looks."""
        if self._state.servers:
            self._state.machines = self._supervisor.states(CLOUD)
        if self._state.actions.settle():
            self._supervisor.reconcile(CLOUD, desired(self._state))


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _name_of(token: str) -> str:
    """Tells tokens apart in a log without giving them away."""
    return f"token-{hashlib.sha256(token.encode()).hexdigest()[:8]}" if token else ""


def _body(request: Request) -> object:
    """The JSON body; an action may be posted without one."""
    raw = request.get_data()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
        json.dumps(body, ensure_ascii=False).encode()  # refuses half a surrogate pair
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "json_error", "invalid JSON input in your request") from error
    return body
