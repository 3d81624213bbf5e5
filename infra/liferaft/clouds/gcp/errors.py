"""What Google's errors mean: of the call itself, of the operation that it started, and of nobody.

Sources: https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto for
ErrorInfo, https://cloud.google.com/storage/docs/json_api/v1/status-codes for the legacy reasons,
https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-resource-availability and
https://cloud.google.com/compute/docs/resource-error for operations.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from google.api_core.exceptions import GoogleAPICallError, GoogleAPIError
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.protobuf.json_format import ParseError

from liferaft.clouds.bucket_names import WAY_OUT
from liferaft.clouds.classification import Classification, Verdict, seconds_away
from liferaft.clouds.gcp import constraints

if TYPE_CHECKING:
    from google.cloud.compute_v1.types import Operation

GONE, IN_USE = "notFound", "resourceInUseByAnotherResource"

TERMINAL = frozenset({"CONSUMER_SUSPENDED", "BILLING_DISABLED", "accountDisabled"})
# A project is a consumer of services; an instance can be suspended, too, by its owner.
_SUSPENDED = re.compile(r"\bConsumer\b.*\bhas been suspended\b")

# A suspended project answers with these, and so does a wrong key, a missing role, a service that
# nobody enabled, or a project that was deleted.
AMBIGUOUS = frozenset(
    {
        "401",
        "403",
        "ACCESS_TOKEN_EXPIRED",
        "ACCESS_TOKEN_TYPE_UNSUPPORTED",
        "ACCOUNT_STATE_INVALID",
        "CONSUMER_INVALID",
        "CREDENTIALS_MISSING",
        "IAM_PERMISSION_DENIED",
        "SERVICE_DISABLED",
        "UREQ_PROJECT_BILLING_NOT_FOUND",
        "accessNotConfigured",
        "authError",
        "forbidden",
        "insufficientPermissions",
        "projectNotFound",
    }
)
THROTTLE = frozenset(
    {
        "429",
        "RATE_LIMIT_EXCEEDED",
        "RESOURCE_OPERATION_RATE_EXCEEDED",
        "rateLimitExceeded",
        "tooManyRequests",
        "userRateLimitExceeded",
    }
)
CAPACITY = frozenset(
    {
        "RESOURCE_POOL_EXHAUSTED",
        "ZONE_RESOURCE_POOL_EXHAUSTED",
        "ZONE_RESOURCE_POOL_EXHAUSTED_WITH_DETAILS",
        "resourcePoolExhausted",
        "zoneResourcePoolExhausted",
        "zoneResourcePoolExhaustedWithDetails",
    }
)
QUOTA = frozenset(
    {"LIMIT_EXCEEDED", "QUOTA_EXCEEDED", "dailyLimitExceeded", "limitExceeded", "quotaExceeded"}
)

# An operation is running on the thing.
_NOT_READY = frozenset({"resourceNotReady", "RESOURCE_NOT_READY"})
_GONE = frozenset({GONE, "404", "NOT_FOUND", "RESOURCE_NOT_FOUND"})
# Cloud Storage says `conflict` for a bucket that is not empty, and for a name that is taken.
_BUSY = _NOT_READY | {IN_USE, "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", "resourceInUse", "conflict"}
_TAKEN = frozenset({"alreadyExists", "ALREADY_EXISTS", "RESOURCE_ALREADY_EXISTS", "conflict"})

# Of a bucket's name, in words that people met: https://github.com/percona/mongo_terraform_ansible/issues/24
# and https://github.com/moja-global/FLINT.Cloud/issues/38
_NAME_TAKEN = re.compile(r"(requested bucket|, that) name is not available")

# A project that is deleted must not read as "everything in it is gone".
_NO_PROJECT = re.compile(r"The resource 'projects/[^/']+' was not found")
_NOT_FOUND, _SERVER = 404, 500


@dataclass
class OperationFailed(Exception):
    """An operation that the API had accepted ended in an error."""

    code: str
    message: str
    status: int = 0
    """HTTP's, where the operation names one."""
    evidence: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, operation: "Operation") -> "OperationFailed":
        rows = list(operation.error.errors)
        return cls(
            rows[0].code if rows else "operationFailed",
            "; ".join(row.message for row in rows if row.message) or "the operation failed",
            operation.http_error_status_code,
            {"operation": operation.operation_type, "operation_id": operation.name},
        )

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


ERRORS: tuple[type[Exception], ...] = (
    GoogleAPIError,
    GoogleAuthError,
    requests.RequestException,
    ParseError,
    OperationFailed,
)


def classify(error: Exception) -> Classification:
    """The verdict on anything that the SDKs, or an operation, end in."""
    if isinstance(error, GoogleAPICallError):
        return _answered(error)
    if isinstance(error, OperationFailed):
        meaning = _verdict(error.code, error.status, error.message)
        helps = constraints.way_out(error.message)
        return Classification(meaning, error.code, error.message, error.evidence, way_out=helps)
    code = type(error).__name__
    if isinstance(error, RefreshError) and not error.retryable:
        return Classification(Verdict.AMBIGUOUS, code, str(error))
    # What cannot be parsed is the page of some gateway on the way.
    unreached = (
        requests.ConnectionError,
        requests.Timeout,
        requests.JSONDecodeError,
        requests.exceptions.ChunkedEncodingError,
        ParseError,
        RefreshError,
        TransportError,
    )
    # A certificate that does not fit is no outage: somebody else may be answering.
    if isinstance(error, unreached) and not isinstance(error, requests.exceptions.SSLError):
        return Classification(Verdict.OUTAGE, code, str(error))
    return Classification(Verdict.OTHER, code, str(error))


def is_gone(code: str) -> bool:
    return code in _GONE


def is_busy(code: str) -> bool:
    return code in _BUSY


def is_not_ready(code: str) -> bool:
    return code in _NOT_READY


def is_taken(code: str) -> bool:
    return code in _TAKEN


def _answered(error: GoogleAPICallError) -> Classification:
    status, message = int(error.code or 0), str(error.message or "")
    code = _code(error, status, message)
    headers: Mapping[str, str] = getattr(error.response, "headers", None) or {}
    evidence = {
        "operation": _operation(error),
        "status": str(status),
        "reason": str(error.reason or code),
        "request_id": headers.get("X-Request-Id") or headers.get("X-GUploader-UploadID") or "",
    }
    return Classification(
        _verdict(code, status, message),
        code,
        message or f"HTTP status {status}",
        {name: value for name, value in evidence.items() if value},
        seconds_away(headers.get("Retry-After"), headers.get("Date")),
        way_out=WAY_OUT if _NAME_TAKEN.search(message) else constraints.way_out(message),
    )


def _code(error: GoogleAPICallError, status: int, message: str) -> str:
    """ErrorInfo's reason is the most precise one; the legacy list has the rest."""
    if status == _NOT_FOUND:
        return "projectNotFound" if _NO_PROJECT.search(message) else GONE
    if error.reason:
        return str(error.reason)
    legacy: list[Any] = list(error.errors)
    said = legacy[0].get("reason") if legacy and isinstance(legacy[0], dict) else None
    return str(said or status)


def _operation(error: GoogleAPICallError) -> str:
    """`POST /compute/v1/projects/…`, without query."""
    request = getattr(error.response, "request", None)
    return "" if request is None else f"{request.method} {urlsplit(request.url).path}"


def _verdict(code: str, status: int, message: str) -> Verdict:
    if _SUSPENDED.search(message):
        return Verdict.TERMINAL
    for codes, verdict in (
        (TERMINAL, Verdict.TERMINAL),
        (AMBIGUOUS, Verdict.AMBIGUOUS),
        (THROTTLE, Verdict.THROTTLE),
        (CAPACITY, Verdict.CAPACITY),
        (QUOTA, Verdict.QUOTA),
    ):
        if code in codes:
            return verdict
    if status in (401, 403):
        return Verdict.AMBIGUOUS
    if status == 429:  # noqa: PLR2004  # HTTP's own number
        return Verdict.THROTTLE
    return Verdict.OUTAGE if status >= _SERVER else Verdict.REFUSED
