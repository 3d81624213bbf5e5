"""The WSGI application: who may ask, who answers, and what the access log says about it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from werkzeug import Request, Response

from liferaft_sandbox.clouds.aws import standing
from liferaft_sandbox.clouds.aws.backend import Backend
from liferaft_sandbox.clouds.aws.ec2 import Ec2
from liferaft_sandbox.clouds.aws.wire import Answer, AwsError, Call, render
from liferaft_sandbox.clouds.standing import PREFIX, Standing
from liferaft_sandbox.failures import SandboxFailed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from liferaft_sandbox.clouds.aws.accounts import Account
    from liferaft_sandbox.clouds.control_plane import AccessLog, Supervisor


def create_app(
    supervisor: Supervisor, *, account: Account, access_log: AccessLog
) -> WSGIApplication:
    """A whole AWS with nothing in it yet.

    What the lab may say to it: `liferaft_sandbox.clouds.standing`.
    Signatures are not checked: an access key that is known is enough. Objects are not served
    here, S3 has its own endpoint in the sandbox.
    """
    return Front(supervisor, account, access_log)


class Front:
    def __init__(self, supervisor: Supervisor, account: Account, access_log: AccessLog) -> None:
        self._account = account
        self._access_log = access_log
        self._backend = Backend(account.id)
        self._standing = Standing()
        self._ec2 = Ec2(self._backend, supervisor, self._standing, account.limits)
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if request.path.startswith(PREFIX):
            return self._standing.obey(request)(environ, start_response)
        call = Call.read(request)
        try:
            answer = self._answer(call)
        except AwsError as error:
            answer = render(error, call)
        except SandboxFailed as error:  # the lab, not the caller: AWS's word for its own trouble
            answer = render(AwsError("InternalError", error.facts.happened, 500), call)
        self._access_log.write(
            key=call.access_key,
            service=call.service,
            operation=call.operation,
            status=answer.status,
            user_agent=call.user_agent,
            request_id=call.request_id,
        )
        response = Response(answer.body, answer.status, answer.headers)
        response.headers["Server"] = "AmazonEC2" if call.service == "ec2" else "amazon.com"
        return response(environ, start_response)

    def _answer(self, call: Call) -> Answer:
        if call.access_key not in self._account.access_key_ids:
            raise standing.unknown_key(call)
        if self._standing.suspended:
            raise standing.suspended(call)
        self._account.limits.refuse_unpermitted(call, self._account.id)
        with self._lock:
            if call.service == "ec2":
                return self._ec2.answer(call)
            told = self._account.limits.answer(call, self._account.id)
            return told or self._backend.answer(call)
