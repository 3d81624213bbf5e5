import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, SSLError
from botocore.parsers import ResponseParserError

from liferaft.clouds.boto_errors import classify, is_busy, is_gone, is_taken, verdict
from liferaft.clouds.classification import Verdict


def answered(code: str, status: int, headers: dict[str, str] | None = None) -> ClientError:
    response = {
        "Error": {"Code": code, "Message": "m"},
        "ResponseMetadata": {
            "RequestId": "r-1",
            "HTTPStatusCode": status,
            "HTTPHeaders": headers or {},
        },
    }
    return ClientError(response, "RunInstances")  # type: ignore[arg-type]  # what botocore builds


@pytest.mark.parametrize(
    ("code", "status", "verdict"),
    [
        ("Blocked", 403, Verdict.TERMINAL),
        ("AccountProblem", 403, Verdict.TERMINAL),
        ("BlockedException", 400, Verdict.TERMINAL),
        ("AllAccessDisabled", 403, Verdict.AMBIGUOUS),
        ("AuthFailure", 401, Verdict.AMBIGUOUS),
        ("InvalidClientTokenId", 403, Verdict.AMBIGUOUS),
        ("OptInRequired", 401, Verdict.AMBIGUOUS),
        ("AccessDenied", 403, Verdict.AMBIGUOUS),
        ("ExpiredToken", 400, Verdict.AMBIGUOUS),
        ("InternalError", 500, Verdict.OUTAGE),
        ("Unavailable", 503, Verdict.OUTAGE),
        ("504", 504, Verdict.OUTAGE),
        ("RequestLimitExceeded", 503, Verdict.THROTTLE),
        ("SlowDown", 503, Verdict.THROTTLE),
        ("InsufficientInstanceCapacity", 500, Verdict.CAPACITY),
        ("InsufficientHostCapacity", 500, Verdict.CAPACITY),
        ("Unsupported", 400, Verdict.CAPACITY),
        ("VcpuLimitExceeded", 400, Verdict.QUOTA),
        ("InstanceLimitExceeded", 400, Verdict.QUOTA),
        ("AddressLimitExceeded", 400, Verdict.QUOTA),
        ("MaxSpotInstanceCountExceeded", 400, Verdict.QUOTA),
        ("TooManyBuckets", 400, Verdict.QUOTA),
        ("NotImplemented", 501, Verdict.LACKING),
        ("501", 501, Verdict.LACKING),
        ("InvalidParameterValue", 400, Verdict.REFUSED),
    ],
)
def test_a_code_has_its_verdict(code: str, status: int, verdict: Verdict) -> None:
    meaning = classify(answered(code, status))
    assert (meaning.verdict, meaning.code) == (verdict, code)
    assert meaning.evidence == {
        "operation": "RunInstances",
        "status": str(status),
        "request_id": "r-1",
    }


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="https://x"),
        ConnectTimeoutError(endpoint_url="https://x"),
        ResponseParserError("a gateway's page"),
    ],
)
def test_no_answer_of_awss_own_is_an_outage(error: Exception) -> None:
    assert classify(error).verdict is Verdict.OUTAGE


def test_a_wrong_certificate_is_no_outage() -> None:
    assert (
        classify(SSLError(endpoint_url="https://x", error=ValueError("e"))).verdict is Verdict.OTHER
    )


def test_what_a_zone_lacks_matters_only_where_a_server_starts() -> None:
    assert verdict("Unsupported", operation="StartInstances") is Verdict.CAPACITY
    assert verdict("Unsupported", operation="ModifyVolume") is Verdict.REFUSED


def test_retry_after_is_read_in_seconds() -> None:
    assert classify(answered("SlowDown", 503, {"retry-after": "7"})).retry_after == 7.0
    assert classify(answered("SlowDown", 503, {"retry-after": "soon"})).retry_after is None
    assert classify(answered("SlowDown", 503, {"retry-after": "\u00b2"})).retry_after is None


def test_a_date_in_retry_after_is_counted_from_the_answers_own_date() -> None:
    until = {"retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"}
    said = until | {"date": "Sun, 06 Nov 1994 08:49:30 GMT"}
    late = until | {"date": "Sun, 06 Nov 1994 08:50:00 GMT"}
    waits = [classify(answered("SlowDown", 503, of)).retry_after for of in (said, late, until)]
    assert waits == [7.0, 0.0, None]


def test_gone_and_busy_are_told_apart() -> None:
    assert is_gone("InvalidInstanceID.NotFound")
    assert is_gone("NoSuchBucket")
    assert is_busy("DependencyViolation")
    assert is_taken("InvalidAMIName.Duplicate")
    assert not is_gone("DependencyViolation")
    assert not is_busy("InvalidVpcID.NotFound")
