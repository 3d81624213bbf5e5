"""What boto3's errors mean: for EC2, STS and everything that speaks S3.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from dataclasses import replace

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

from liferaft.clouds.bucket_names import WAY_OUT
from liferaft.clouds.classification import Classification, Verdict, seconds_away
from liferaft.clouds.control_plane import ControlPlane, Patience

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

# Answered with HTTP 500, yet asking the same again changes nothing: another type or zone may.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html
CAPACITY = frozenset(
    {
        "InsufficientAddressCapacity",
        "InsufficientCapacity",
        "InsufficientHostCapacity",
        "InsufficientInstanceCapacity",
        "InsufficientVolumeCapacity",
    }
)
# "your requested instance type is not supported in your requested Availability Zone"
_NOT_IN_THIS_ZONE = "Unsupported"
_LAUNCHES = frozenset({"RunInstances", "StartInstances"})

# Answered with HTTP 501, which is no outage. A page that is no XML leaves the status as code.
LACKING = frozenset({"501", "NotImplemented"})

# Every limit of EC2's is called SomethingLimitExceeded; these are not.
QUOTA = frozenset(
    {"MaxSpotInstanceCountExceeded", "MaxSpotFleetRequestCountExceeded", "TooManyBuckets"}
)
_LIMIT = "LimitExceeded"

# Says an account on AWS's free plan of every type but a few, when one is launched. No document of
# AWS's lists it: https://github.com/splunk/attack_range/issues/1302 quotes it whole.
_COMBINATION, _FREE_PLAN = "InvalidParameterCombination", "not eligible for Free Tier"
UPGRADE = (
    "Upgrade the account from the free plan to the paid one (in the console: Billing, or the "
    "credits on its home page)"
)

_GONE = frozenset(
    {
        "404",
        "Gateway.NotAttached",
        "InvalidAMIID.Unavailable",
        "NoSuchBucket",
        "NoSuchKey",
        "NoSuchTagSet",
        "NoSuchUpload",
    }
)
_BUSY = frozenset(
    {
        "BucketNotEmpty",
        "DependencyViolation",
        "IncorrectInstanceState",
        "IncorrectState",
        "InvalidGroup.InUse",
        "InvalidIPAddress.InUse",
        "OperationAborted",
        "VolumeInUse",
    }
)
# Says S3 of somebody else's bucket, and Hetzner's store of one's own as well:
# https://github.com/rclone/rclone/issues/9890
_NAME_TAKEN = "BucketAlreadyExists"
_TAKEN = frozenset(
    {
        _NAME_TAKEN,
        "BucketAlreadyOwnedByYou",
        "InvalidAMIName.Duplicate",
        "InvalidGroup.Duplicate",
        "InvalidKeyPair.Duplicate",
        "InvalidPermission.Duplicate",
        "InvalidSubnet.Conflict",
        "Resource.AlreadyAssociated",
        "RouteAlreadyExists",
    }
)


def control_plane(cloud: str, patience: Patience) -> ControlPlane:
    """Polite calls to whatever of `cloud` is reached through boto3."""
    return ControlPlane(cloud, ERRORS, classify, is_gone, is_busy, patience, is_taken)


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


def is_beyond_free_plan(meaning: Classification) -> bool:
    """Whether a launch was refused for its type alone, since the account is on the free plan."""
    return meaning.code == _COMBINATION and _FREE_PLAN in meaning.message


def is_gone(code: str) -> bool:
    return code in _GONE or code.endswith(".NotFound")


def is_busy(code: str) -> bool:
    return code in _BUSY


def is_taken(code: str) -> bool:
    return code in _TAKEN


def verdict(code: str, *, operation: str = "", status: int = 0) -> Verdict:
    """What a code of AWS's means; without a code that is known, the HTTP status decides."""
    for codes, meaning in (
        (TERMINAL, Verdict.TERMINAL),
        (AMBIGUOUS, Verdict.AMBIGUOUS),
        (THROTTLE, Verdict.THROTTLE),
        (CAPACITY, Verdict.CAPACITY),
        (QUOTA, Verdict.QUOTA),
        (LACKING, Verdict.LACKING),
    ):
        if code in codes:
            return meaning
    if code == _NOT_IN_THIS_ZONE and operation in _LAUNCHES:
        return Verdict.CAPACITY
    if code.endswith(_LIMIT):
        return Verdict.QUOTA
    if status == 429:  # noqa: PLR2004  # HTTP's own number
        return Verdict.THROTTLE
    return Verdict.OUTAGE if status >= 500 else Verdict.REFUSED  # noqa: PLR2004  # as above


def _answered(error: ClientError) -> Classification:
    body = error.response.get("Error", {})
    meta = error.response.get("ResponseMetadata", {})
    code, status = body.get("Code", "Unknown"), meta.get("HTTPStatusCode", 0)
    headers = meta.get("HTTPHeaders", {})
    meaning = Classification(
        verdict(code, operation=error.operation_name, status=status),
        code,
        body.get("Message", "") or f"HTTP status {status}",
        {
            "operation": error.operation_name,
            "status": str(status),
            "request_id": meta.get("RequestId", ""),
        },
        seconds_away(headers.get("retry-after"), headers.get("date")),
    )
    if code == _NAME_TAKEN:
        return replace(meaning, way_out=WAY_OUT)
    if not is_beyond_free_plan(meaning):
        return meaning
    pin = "or pin an eligible type in sites.<site>.sizes, then run the same command again."
    return replace(meaning, way_out=f"{UPGRADE}, {pin}")
