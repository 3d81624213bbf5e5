"""The WSGI application: which API is asked, by whom, what changed, and what the access log says."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.datastructures import MultiDict

from liferaft_sandbox.clouds.gcp import batch, constraints, default_network, instances
from liferaft_sandbox.clouds.gcp.compute import Compute
from liferaft_sandbox.clouds.gcp.desired import desired
from liferaft_sandbox.clouds.gcp.errors import (
    ApiError,
    NoSuchPage,
    account_disabled,
    sandbox_lacks,
    suspended,
)
from liferaft_sandbox.clouds.gcp.fields import Selection
from liferaft_sandbox.clouds.gcp.reply import Reply, no_such_page
from liferaft_sandbox.clouds.gcp.state import State
from liferaft_sandbox.clouds.gcp.storage import Storage, store_of
from liferaft_sandbox.clouds.gcp.tokens import Refused, Tokens
from liferaft_sandbox.clouds.gcp.wire import json_of, plain, raw_path
from liferaft_sandbox.clouds.gcp.zones import Dns
from liferaft_sandbox.failures import SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from liferaft_sandbox.clouds.control_plane import AccessLog, Supervisor
    from liferaft_sandbox.clouds.gcp.discovery import Document, Match
    from liferaft_sandbox.clouds.gcp.object_store import ObjectStore
    from liferaft_sandbox.clouds.gcp.seed import Seed
    from liferaft_sandbox.lab.machines import Desired

CLOUD = "gcp"
WAIT_SECONDS = 120.0
"""How long `wait` on an operation waits:
https://cloud.google.com/compute/docs/reference/rest/v1/zoneOperations/wait"""
_LOOK_SECONDS = 0.02


def create_app(
    supervisor: Supervisor,
    *,
    seed: Seed,
    access_log: AccessLog,
    clock: Callable[[], float] = time.time,
    store: ObjectStore | None = None,
) -> WSGIApplication:
    """A whole Google Cloud with one new project, which the seed's service accounts may use.

    Paths are Google's: /compute/v1/…, /dns/v1/…, /storage/v1/…, /v2/projects/…/policies/…,
    /upload/…, /download/…, /token.
    `clock` rules when access tokens expire; `store` stands instead of the seed's.

    For the lab alone, and not logged: POST /_sandbox/suspend and /_sandbox/reinstate;
    POST /_sandbox/stockout with {"zone": …, "machine_type": …} makes instances of that type fail
    there for want of room, and POST /_sandbox/restock ends all such. POST /_sandbox/constrain puts
    the constraint that its body names on the project, as strictly as it goes or by the rule (JSON)
    that follows the name; POST /_sandbox/release takes all away.
    """
    return Front(supervisor, seed, access_log, clock, store or store_of(seed))


class Front:
    def __init__(
        self,
        supervisor: Supervisor,
        seed: Seed,
        access_log: AccessLog,
        clock: Callable[[], float],
        store: ObjectStore,
    ) -> None:
        self._supervisor = supervisor
        self._access_log = access_log
        self._tokens = Tokens(seed.service_accounts, clock)
        self._state = State(seed)
        default_network.establish(self._state)
        self._compute = Compute(self._state)
        self._dns = Dns(seed)
        self._policies = constraints.Policies(self._state)
        self._storage = Storage(seed, store)
        self._lock = threading.Lock()
        self._objects_lock = threading.Lock()
        self._told: Desired | None = None
        self._suspended = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data(parse_form_data=False)  # left unread, it would be the next request
        if request.path.startswith("/_sandbox/"):
            return self._control(request)(environ, start_response)
        if request.path in {"/token", "/oauth2/v4/token"} and request.method == "POST":
            return self._token(request)(environ, start_response)
        return self._response(request)(environ, start_response)

    def _response(self, request: Request) -> Response:
        answer = _Answer(f"{request.method} {request.path}")
        try:
            if request.path.startswith("/batch") and request.method == "POST":
                return batch.answer(request, self._response)  # each call is logged by itself
            reply = self._api(request, answer)
        except NoSuchPage:
            reply = no_such_page(request.path)
        except ApiError as error:
            reply = Reply(error.status, error.body())
        except SandboxFailed as error:  # the lab, not the caller
            failed = ApiError(500, "backendError", error.facts.happened)
            reply = Reply(failed.status, failed.body())
        self._log(request, answer, reply.status)
        return reply.response()

    def _api(self, request: Request, answer: _Answer) -> Reply:
        path, content = plain(raw_path(request))
        if content == "xml":
            _refuse_more_of_xml(request)
            content = "download"
        document = self._document(path)
        # Chunks of an upload are PUT to the address that the POST which began it answered.
        verb = "POST" if content == "upload" and request.method == "PUT" else request.method
        match = document.match(verb, path)
        answer.note_match(document.name, match)
        authorization = request.headers.get("Authorization", "")
        answer.user = self._tokens.caller(authorization, document.host, match.method.id)
        if self._suspended and document is self._storage.document:
            raise account_disabled()
        if self._suspended:
            raise suspended(self._state.project, self._state.number, document.host)
        document.check_path(match)
        given = MultiDict(request.args)
        given.poplist("upload_id")
        query = document.query(match.method, given)
        selection = Selection(document, match.method, request.args.get("fields"))
        reply = self._dispatch((document, match, content), query, request, answer.user)
        if isinstance(reply.body, dict):
            return replace(reply, body=selection.of(reply.body))
        return reply

    def _dispatch(
        self, asked: tuple[Document, Match, str], query: dict[str, Any], request: Request, user: str
    ) -> Reply:
        document, match, content = asked
        if document is self._storage.document:
            with self._objects_lock:
                return self._storage.answer(match, query, request, content)
        if document is self._policies.document:
            with self._lock:
                return Reply(200, self._policies.answer(match))
        if document is self._dns.document:
            with self._lock:
                return self._dns.answer(match, query, json_of(request))
        return Reply(200, self._ask_compute(match, query, json_of(request), user))

    def _document(self, path: str) -> Document:
        """The API whose paths begin so."""
        known = (
            ("/dns/", self._dns),
            ("/storage/", self._storage),
            ("/v2/projects/", self._policies),
        )
        for prefix, service in known:
            if path.startswith(prefix):
                return service.document
        return self._compute.document

    def _ask_compute(
        self, match: Match, query: dict[str, Any], body: object, user: str
    ) -> dict[str, Any]:
        """Only here the lock is held: not while an operation is waited for."""
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            with self._lock:
                self._catch_up()
                said = self._compute.answer(match, query, body, user)
                self._reconcile()
            waits = match.method.name == "wait" and said["status"] != "DONE"
            if not waits or time.monotonic() > deadline:
                return said
            time.sleep(_LOOK_SECONDS)

    def _catch_up(self) -> None:
        """Let instances and operations advance to where the machines are before anybody looks."""
        some = self._told is not None and self._told.machines
        self._state.machines = self._supervisor.states(CLOUD) if some else {}
        instances.refresh(self._state)
        if self._state.operations.settle():
            self._reconcile()

    def _reconcile(self) -> None:
        wanted = desired(self._state)
        if wanted != self._told:
            self._supervisor.reconcile(CLOUD, wanted)
            self._told = wanted

    def _token(self, request: Request) -> Response:
        """Also of a suspended project: assumed, the token endpoint knows accounts only."""
        answer = _Answer("token", service="oauth2")
        try:
            reply = Reply(200, self._tokens.grant(request.form))
        except Refused as error:
            reply = Reply(400, error.body)
        self._log(request, answer, reply.status)
        return reply.response()

    def _control(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(status=404)
        with self._lock:
            match request.path.removeprefix("/_sandbox/"):
                case "suspend":
                    self._suspended = True
                case "reinstate":
                    self._suspended = False
                case "stockout":
                    said = json.loads(request.get_data())
                    self._state.stockouts.add((said["zone"], said["machine_type"]))
                case "restock":
                    self._state.stockouts.clear()
                case "constrain":
                    name, _, rule = request.get_data(as_text=True).partition(" ")
                    constraints.constrain(self._state, name, json.loads(rule) if rule else None)
                case "release":
                    self._state.constraints.clear()
                case _:
                    return Response(status=404)
        return Response(status=204)

    def _log(self, request: Request, answer: _Answer, status: int) -> None:
        self._access_log.write(
            key=answer.user,
            service=answer.service,
            operation=answer.operation,
            status=status,
            user_agent=request.headers.get("User-Agent", ""),
            request_id=uuid.uuid4().hex,
        )


def _refuse_more_of_xml(request: Request) -> None:
    """Of Cloud Storage's XML API only reads with a token are here; S3 clients have an endpoint."""
    if any(name in request.args for name in ("X-Goog-Signature", "Signature")):
        raise sandbox_lacks("signed URLs; its S3 endpoint has them")
    if request.method != "GET":
        raise sandbox_lacks(f"{request.method} of Cloud Storage's XML API")


class _Answer:
    """What the access log tells of a request, as it becomes known."""

    def __init__(self, operation: str, service: str = CLOUD) -> None:
        self.operation = operation
        self.service = service
        self.user = ""

    def note_match(self, service: str, match: Match) -> None:
        self.service, self.operation = service, match.method.id
