"""What boto3's errors mean: for EC2, STS and everything that speaks S3.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    SSLError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)
from botocore.parsers import ResponseParserError

from liferaft.clouds.classification import Classification, Verdict

ERRORS: tuple[type[Exception], ...] = (ClientError, BotoCoreError, ResponseParserError)

# The account is blocked (EC2), the account is blocked from ECS, S3's word for a suspension.
TERMINAL = frozenset({"Blocked", "BlockedException", "AccountProblem"})

# A suspended account answers with these, and so does a wrong or expired credential, a service
# that nobody subscribed to, or (AllAccessDisabled) a single bucket.
AMBIGUOUS = frozenset(
    {
        "401",
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthFailure",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "NotSignedUp",
        "OptInRequired",
        "PendingVerification",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)

THROTTLE = frozenset(
    {
        "429",
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)

# Answered with HTTP 500, yet final: asking the same again changes nothing.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
CAPACITY = frozenset(
    {"InsufficientInstanceCapacity", "InsufficientAddressCapacity", "InsufficientHostCapacity"}
)

_GONE = frozenset({"404", "NoSuchBucket", "NoSuchTagSet", "NoSuchUpload", "Gateway.NotAttached"})
_BUSY = frozenset(
    {
        "BucketNotEmpty",
        "DependencyViolation",
        "IncorrectInstanceState",
        "IncorrectState",
        "InvalidGroup.InUse",
        "InvalidIPAddress.InUse",
        "OperationAborted",
    }
)


def classify(error: Exception) -> Classification:
    """The verdict on anything that boto3 raises."""
    if isinstance(error, ClientError):
        return _answered(error)
    code = type(error).__name__
    # A certificate that does not fit is no outage: somebody else may be answering.
    # What cannot be parsed is the page of some gateway on the way.
    unreached = isinstance(error, BotoConnectionError | HTTPClientError | ResponseParserError)
    if unreached and not isinstance(error, SSLError):
        return Classification(Verdict.OUTAGE, code, str(error))
    return Classification(Verdict.OTHER, code, str(error))


def is_gone(code: str) -> bool:
    return code in _GONE or code.endswith(".NotFound")


def is_busy(code: str) -> bool:
    return code in _BUSY


def _answered(error: ClientError) -> Classification:
    body = error.response.get("Error", {})
    meta = error.response.get("ResponseMetadata", {})
    code, status = body.get("Code", "Unknown"), meta.get("HTTPStatusCode", 0)
    return Classification(
        _verdict(code, status),
        code,
        body.get("Message", "") or f"HTTP status {status}",
        {
            "operation": error.operation_name,
            "status": str(status),
            "request_id": meta.get("RequestId", ""),
        },
        _seconds(meta.get("HTTPHeaders", {}).get("retry-after")),
    )


def _verdict(code: str, status: int) -> Verdict:
    for codes, verdict in (
        (TERMINAL, Verdict.TERMINAL),
        (AMBIGUOUS, Verdict.AMBIGUOUS),
        (THROTTLE, Verdict.THROTTLE),
        (CAPACITY, Verdict.REFUSED),
    ):
        if code in codes:
            return verdict
    if status == 429:  # noqa: PLR2004  # HTTP's own number
        return Verdict.THROTTLE
    return Verdict.OUTAGE if status >= 500 else Verdict.REFUSED  # noqa: PLR2004  # as above


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; its other form, a date, is not used by AWS."""
    return float(retry_after) if retry_after and retry_after.isdigit() else None
