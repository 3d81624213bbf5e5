"""Google's error bodies, as the JSON APIs send them.

Shape: https://cloud.google.com/apis/design/errors and, with all of its parts at Compute Engine,
https://github.com/trailofbits/algo/issues/14854. Wordings that nobody has published are assumed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_RPC = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    500: "INTERNAL",
}


@dataclass(frozen=True)
class At:
    """Where in the request an error lies, as `errors[]` says it."""

    location: str
    location_type: str


class ApiError(Exception):
    """A refusal. `details` are google.rpc messages; with them goes the canonical status."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        at: At | None = None,
        details: tuple[dict[str, Any], ...] = (),
    ) -> None:
        super().__init__(f"{reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message
        self._domain = domain
        self._at = at
        self._details = details

    @property
    def code(self) -> str:
        """How an operation that failed names the reason: QUOTA_EXCEEDED for quotaExceeded."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.reason).upper()

    def body(self) -> dict[str, Any]:
        """The JSON that a client gets."""
        entry = {"message": self.message, "domain": self._domain, "reason": self.reason}
        if self._at:
            entry |= {"location": self._at.location, "locationType": self._at.location_type}
        error: dict[str, Any] = {"code": self.status, "message": self.message, "errors": [entry]}
        if self._details:
            error["status"] = _RPC.get(self.status, "UNKNOWN")
            error["details"] = list(self._details)
        return {"error": error}


class NoSuchPage(Exception):
    """A path that no API has: Google answers with a page, not with JSON."""


def error_info(reason: str, **metadata: str) -> dict[str, Any]:
    """https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto"""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


def not_found(path: str) -> ApiError:
    return ApiError(404, "notFound", f"The resource '{path}' was not found")


def already_exists(path: str) -> ApiError:
    return ApiError(409, "alreadyExists", f"The resource '{path}' already exists")


def not_ready(path: str) -> ApiError:
    return ApiError(400, "resourceNotReady", f"The resource '{path}' is not ready")


def in_use(kind: str, path: str, user: str) -> ApiError:
    return ApiError(
        400,
        "resourceInUseByAnotherResource",
        f"The {kind} resource '{path}' is already being used by '{user}'",
    )


def invalid(field: str, value: object, why: str) -> ApiError:
    """A field whose value cannot be; `why` is a sentence without its full stop."""
    return ApiError(400, "invalid", f"Invalid value for field '{field}': '{value}'. {why}")


def required(field: str) -> ApiError:
    return ApiError(400, "required", f"Required field '{field}' not specified")


def condition_not_met(message: str) -> ApiError:
    return ApiError(412, "conditionNotMet", message)


def quota_exceeded(metric: str, limit: float, where: str) -> ApiError:
    """`where` is "globally" or "in region X"."""
    message = f"Quota '{metric}' exceeded.  Limit: {limit:.1f} {where}."
    return ApiError(403, "quotaExceeded", message, domain="usageLimits")


def wrong_verb() -> ApiError:
    """https://cloud.google.com/storage/docs/json_api/v1/status-codes#405-method-not-allowed

    Assumed of the other APIs, some of which answer with Google's page for what is not there.
    """
    said = "The HTTP verb is not supported by the URL endpoint used in the request."
    return ApiError(405, "methodNotAllowed", said)


def not_offered(method_id: str) -> ApiError:
    """Google has the method; the sandbox does not."""
    message = f"{method_id} is a method of Google's that the liferaft sandbox does not offer."
    return ApiError(400, "unsupportedOperation", message)


def sandbox_lacks(what: str) -> ApiError:
    """Google would do it; the sandbox cannot, and says so rather than pretend.

    No 501: clients take each 5xx for a failure that passes, and ask again for half a minute.
    """
    return ApiError(400, "unsupportedOperation", f"The liferaft sandbox has no {what}.")


def bad_payload(violations: list[tuple[str, str]]) -> ApiError:
    """One error for all fields (path, sentence) that do not fit their message types.

    https://github.com/mnfst/llm-gateway/issues/1858 shows one with several.
    """
    fields = [{"field": field, "description": said} for field, said in violations]
    details = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": fields}
    message = "\n".join(said for _, said in violations)
    return ApiError(400, "badRequest", message, details=(details,))


def suspended(project: str, number: str, service: str) -> ApiError:
    """What every API says while the project is suspended.

    Reason: https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
    Body: https://github.com/firebase/firebase-ios-sdk/issues/13968
    Message for a project: https://github.com/kubernetes/minikube/issues/17959
    The `errors` list beside them, with reason `forbidden`, is assumed.
    """
    message = f"Permission denied: Consumer 'projects/{project}' has been suspended."
    info = error_info("CONSUMER_SUSPENDED", service=service, consumer=f"projects/{number}")
    return ApiError(403, "forbidden", message, details=(info,))


def account_disabled() -> ApiError:
    """https://cloud.google.com/storage/docs/json_api/v1/status-codes#403-forbidden"""
    return ApiError(
        403, "accountDisabled", "The account for the specified project has been disabled."
    )
