"""Bytes as Google sends them, through the parser of its own SDKs."""

import json
from typing import Any

import pytest
import requests
from google.api_core.exceptions import from_http_response
from google.auth.exceptions import RefreshError, TransportError

from liferaft.clouds.classification import Verdict
from liferaft.clouds.gcp.errors import OperationFailed, classify, is_busy, is_gone, is_taken

URL = "https://compute.googleapis.com/compute/v1/projects/chirp/zones?pageToken=x"


def answered(status: int, body: str | bytes, **headers: str) -> Exception:
    """What the SDK makes of an answer on the wire."""
    response = requests.Response()
    response.status_code = status
    response._content = body.encode() if isinstance(body, str) else body  # no other way
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    response.request = requests.Request("GET", URL).prepare()
    error: Exception = from_http_response(response)  # type: ignore[no-untyped-call]  # it has few types
    return error


def said(status: int, reason: str, message: str, info: str = "") -> Exception:
    error: dict[str, Any] = {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
    }
    if info:
        kind = "type.googleapis.com/google.rpc.ErrorInfo"
        error["details"] = [{"@type": kind, "reason": info, "domain": "googleapis.com"}]
    return answered(status, json.dumps({"error": error}))


# https://github.com/firebase/firebase-ios-sdk/issues/13968 , word by word but for the project.
SUSPENDED = b"""{
  "error": {
    "code": 403,
    "message": "Permission denied: Consumer 'projects/123' has been suspended.",
    "status": "PERMISSION_DENIED",
    "details": [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "CONSUMER_SUSPENDED",
        "domain": "googleapis.com",
        "metadata": {
          "consumer": "projects/123",
          "service": "compute.googleapis.com"
        }
      }
    ]
  }
}
"""


def test_a_suspended_project_is_terminal_and_gives_evidence() -> None:
    meaning = classify(answered(403, SUSPENDED, X_Request_Id="r-1"))
    assert (meaning.verdict, meaning.code) == (Verdict.TERMINAL, "CONSUMER_SUSPENDED")
    assert meaning.evidence == {
        "operation": "GET /compute/v1/projects/chirp/zones",
        "status": "403",
        "reason": "CONSUMER_SUSPENDED",
        "request_id": "r-1",
    }


@pytest.mark.parametrize(
    ("status", "reason", "info", "verdict"),
    [
        (403, "forbidden", "BILLING_DISABLED", Verdict.TERMINAL),
        (403, "accountDisabled", "", Verdict.TERMINAL),
        (403, "accessNotConfigured", "SERVICE_DISABLED", Verdict.AMBIGUOUS),
        (403, "forbidden", "UREQ_PROJECT_BILLING_NOT_FOUND", Verdict.AMBIGUOUS),
        (403, "forbidden", "SOMETHING_NEW", Verdict.AMBIGUOUS),
        (401, "authError", "ACCESS_TOKEN_EXPIRED", Verdict.AMBIGUOUS),
        (403, "quotaExceeded", "", Verdict.QUOTA),
        (403, "rateLimitExceeded", "", Verdict.THROTTLE),
        (429, "somethingNew", "", Verdict.THROTTLE),
        (503, "backendError", "", Verdict.OUTAGE),
        (503, "zoneResourcePoolExhausted", "", Verdict.CAPACITY),
        (400, "resourceInUseByAnotherResource", "", Verdict.REFUSED),
        (404, "notFound", "", Verdict.REFUSED),
    ],
)
def test_a_reason_has_its_verdict(status: int, reason: str, info: str, verdict: Verdict) -> None:
    meaning = classify(said(status, reason, "as documented", info))
    assert (meaning.verdict, meaning.code) == (verdict, info or reason)


def test_a_suspension_in_words_alone_is_terminal() -> None:
    words = "Permission denied: Consumer 'projects/chirp' has been suspended."
    assert classify(said(403, "forbidden", words)).verdict is Verdict.TERMINAL


def test_a_suspended_server_is_no_suspended_account() -> None:
    words = "The instance 'app-1' has been suspended; resume it first."
    assert classify(said(400, "invalid", words)).verdict is Verdict.REFUSED


def test_a_project_that_is_gone_is_not_a_thing_that_is_gone() -> None:
    """Else a refresh would believe that everything in it was deleted."""
    thing = "The resource 'projects/chirp/zones/z/instances/app-1' was not found"
    assert is_gone(classify(said(404, "notFound", thing)).code)
    project = classify(said(404, "notFound", "The resource 'projects/chirp' was not found"))
    assert (project.verdict, is_gone(project.code)) == (Verdict.AMBIGUOUS, False)


def test_a_gateways_page_is_an_outage_and_a_retry_after_is_told() -> None:
    assert classify(answered(502, "<html>Bad Gateway</html>")).verdict is Verdict.OUTAGE
    busy = classify(answered(429, "{}", Retry_After="7"))
    assert (busy.verdict, busy.retry_after) == (Verdict.THROTTLE, 7.0)


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        ("ZONE_RESOURCE_POOL_EXHAUSTED", 503, Verdict.CAPACITY),
        ("QUOTA_EXCEEDED", 403, Verdict.QUOTA),
        ("INTERNAL_ERROR", 500, Verdict.OUTAGE),
        ("RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", 400, Verdict.REFUSED),
    ],
)
def test_an_operation_that_fails_has_its_verdict(code: str, status: int, verdict: Verdict) -> None:
    meaning = classify(OperationFailed(code, "as documented", status, {"operation": "insert"}))
    assert (meaning.verdict, meaning.code) == (verdict, code)
    assert meaning.evidence == {"operation": "insert"}


def test_no_connection_is_an_outage_and_a_wrong_certificate_is_not() -> None:
    for error in (requests.ConnectionError("refused"), requests.ReadTimeout("slow")):
        assert classify(error).verdict is Verdict.OUTAGE
    assert classify(TransportError("no token endpoint")).verdict is Verdict.OUTAGE  # type: ignore[no-untyped-call]  # it has few types
    assert classify(requests.exceptions.SSLError("who are you")).verdict is Verdict.OTHER


def test_a_key_that_is_not_accepted_is_ambiguous() -> None:
    refused = RefreshError("invalid_grant: Invalid JWT Signature.")  # type: ignore[no-untyped-call]  # it has few types
    assert classify(refused).verdict is Verdict.AMBIGUOUS


def test_what_is_busy_and_what_is_taken_are_told_apart() -> None:
    assert is_busy("resourceInUseByAnotherResource")
    assert is_busy("RESOURCE_IN_USE_BY_ANOTHER_RESOURCE")
    assert is_taken("alreadyExists")
    assert not is_taken("resourceInUseByAnotherResource")
