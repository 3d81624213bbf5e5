"""Whether the account may be served: unknown keys, and an account that AWS has closed.

Where AWS documents the answer the source is named; everything else says "assumed".
"""

from __future__ import annotations

from liferaft_sandbox.clouds.aws.wire import AwsError, Call

_NO_SUCH_KEY = "The security token included in the request is invalid."


def unknown_key(call: Call) -> AwsError:
    """What a service says to an access key that does not exist."""
    if call.service == "ec2":
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
        return AwsError(
            "AuthFailure", "AWS was not able to validate the provided access credentials", 401
        )
    if call.service == "s3":
        # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        return AwsError(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            403,
        )
    if "Action" in call.parameters:
        # https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
        return AwsError("InvalidClientTokenId", _NO_SUCH_KEY, 403)
    return AwsError("UnrecognizedClientException", _NO_SUCH_KEY)


def suspended(call: Call) -> AwsError:
    """What a service says while the account is suspended. Instances go on running."""
    if call.service == "ec2":
        # Code and message: errors-overview.html, "Common client errors"; status assumed.
        return AwsError(
            "Blocked",
            "Your account is currently blocked. "
            "Contact aws-verification@amazon.com if you have questions.",
            403,
        )
    if call.service == "s3":
        # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        return AwsError(
            "AccountProblem",
            "There is a problem with your AWS account that prevents the operation from "
            "completing successfully. Contact AWS Support for further assistance.",
            403,
        )
    if call.service == "ecs":
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
        return AwsError(
            "BlockedException",
            "Your AWS account was blocked. For more information, contact AWS Support.",
        )
    if call.service in {"sts", "iam", "route53"}:
        return AwsError("InvalidClientTokenId", _NO_SUCH_KEY, 403)  # assumed
    return AwsError(  # assumed
        "SubscriptionRequiredException",
        "The AWS Access Key Id needs a subscription for the service",
    )
