"""What Hetzner's error codes mean.

Source: https://docs.hetzner.cloud/reference/cloud#errors . No code says that an account was
suspended; a locked project answers as a wrong token does, or with `resource_locked`.
"""

import requests
from hcloud import APIException, HCloudException

from liferaft.clouds.classification import Classification, Verdict

ERRORS: tuple[type[Exception], ...] = (HCloudException, requests.RequestException)

AMBIGUOUS = frozenset({"unauthorized", "forbidden", "resource_locked", "token_readonly"})
OUTAGE = frozenset(
    {"server_error", "service_error", "bad_gateway", "timeout", "maintenance", "unavailable"}
)
# `locked` and `conflict` mean that an action is running on the thing: later is right.
THROTTLE = frozenset({"rate_limit_exceeded", "locked", "conflict"})
# Said by the call itself, or by the action that it started.
CAPACITY = frozenset({"resource_unavailable", "placement_error", "no_space_left_in_location"})
QUOTA = frozenset({"resource_limit_exceeded"})

_GONE = frozenset({"not_found"})
_BUSY = frozenset({"resource_in_use", "locked", "conflict", "must_be_unassigned"})
_TAKEN = frozenset({"uniqueness_error", "server_already_attached", "volume_already_attached"})

_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER = 401, 403, 404, 429, 500
_FIRST_THAT_IS_NO_SUCCESS = 300


def classify(error: Exception) -> Classification:
    """The verdict on anything that hcloud raises."""
    if isinstance(error, APIException):
        evidence = {"correlation_id": error.correlation_id or ""}
        message = "an answer that cannot be read" if _is_garbled(error.code) else error.message
        return Classification(verdict(error.code), str(error.code), message, evidence)
    code = type(error).__name__
    # A certificate that does not fit is no outage: somebody else may be answering.
    unreached = isinstance(
        error,
        requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError,
    )
    if unreached and not isinstance(error, requests.exceptions.SSLError):
        return Classification(Verdict.OUTAGE, code, str(error))
    return Classification(Verdict.OTHER, code, str(error))


def is_gone(code: str) -> bool:
    return code in _GONE or code == str(_NOT_FOUND)


def is_busy(code: str) -> bool:
    return code in _BUSY


def is_taken(code: str) -> bool:
    return code in _TAKEN


def verdict(code: int | str) -> Verdict:
    """hcloud gives the HTTP status where the body was not Hetzner's own."""
    if isinstance(code, int):
        if code in (_UNAUTHORIZED, _FORBIDDEN):
            return Verdict.AMBIGUOUS
        if code == _TOO_MANY:
            return Verdict.THROTTLE
        return Verdict.OUTAGE if code >= _SERVER or _is_garbled(code) else Verdict.REFUSED
    for codes, verdict in (
        (AMBIGUOUS, Verdict.AMBIGUOUS),
        (OUTAGE, Verdict.OUTAGE),
        (THROTTLE, Verdict.THROTTLE),
        (CAPACITY, Verdict.CAPACITY),
        (QUOTA, Verdict.QUOTA),
    ):
        if code in codes:
            return verdict
    return Verdict.REFUSED


def _is_garbled(code: int | str) -> bool:
    """A success that broke off, or that a gateway on the way made up."""
    return isinstance(code, int) and code < _FIRST_THAT_IS_NO_SUCCESS
