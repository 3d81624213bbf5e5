"""ClientToken: the same request twice is done once (moto keeps no tokens).

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liferaft_sandbox.clouds.aws.wire import Answer, AwsError, Call

if TYPE_CHECKING:
    from collections.abc import Callable

_NOT_COMPARED = frozenset({"Version", "DryRun"})


@dataclass(frozen=True)
class _Done:
    fingerprint: str
    request_id: str
    answer: Answer


class Tokens:
    """Remembers every successful request that carried a ClientToken, by region and operation.

    The repeated answer is the first one under a new request id. Callers hold a lock: two
    requests with one token never run at once.
    """

    def __init__(self) -> None:
        self._done: dict[tuple[str, str, str], _Done] = {}

    def once(self, call: Call, act: Callable[[], Answer]) -> Answer:
        """Do `act` unless its token was seen; IdempotentParameterMismatch if it was for else."""
        token = call.parameters.get("ClientToken")
        if not token:
            return act()
        key = (call.region, call.operation, token)
        fingerprint = _fingerprint(call)
        done = self._done.get(key)
        if done is None:
            answer = act()
            if answer.status == 200:  # noqa: PLR2004 - success; a refusal may be tried again
                self._done[key] = _Done(fingerprint, call.request_id, answer)
            return answer
        if done.fingerprint != fingerprint:
            raise AwsError(
                "IdempotentParameterMismatch",
                "Arguments on this idempotent request are inconsistent with arguments used in "
                "previous request(s).",
            )
        body = done.answer.body.replace(done.request_id.encode(), call.request_id.encode())
        return Answer(done.answer.status, done.answer.headers, body)


def _fingerprint(call: Call) -> str:
    compared = {k: v for k, v in call.parameters.items() if k not in _NOT_COMPARED}
    return hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest()
