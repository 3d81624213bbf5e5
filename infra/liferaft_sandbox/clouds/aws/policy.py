"""Which permissions a call needs, and the refusal of one that a policy does not give.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
(a page for each service) has the actions. Actions alone are looked at here, no resources and no
conditions, and wildcards at the end of an action as IAM has them.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from liferaft_sandbox.clouds.aws.wire import AwsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from liferaft_sandbox.clouds.aws.wire import Call

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
_OF_BUCKETS = {
    ("GET", ""): "s3:ListBucket",
    ("HEAD", ""): "s3:ListBucket",
    ("PUT", ""): "s3:CreateBucket",
    ("DELETE", ""): "s3:DeleteBucket",
    ("GET", "versions"): "s3:ListBucketVersions",
    ("GET", "uploads"): "s3:ListBucketMultipartUploads",
    ("GET", "tagging"): "s3:GetBucketTagging",
    ("PUT", "tagging"): "s3:PutBucketTagging",
    ("GET", "versioning"): "s3:GetBucketVersioning",
    ("PUT", "versioning"): "s3:PutBucketVersioning",
    ("GET", "ownershipControls"): "s3:GetBucketOwnershipControls",
}
_OF_OBJECTS = {
    ("GET", ""): "s3:GetObject",
    ("HEAD", ""): "s3:GetObject",
    ("PUT", ""): "s3:PutObject",
    ("DELETE", ""): "s3:DeleteObject",
    ("DELETE", "versionId"): "s3:DeleteObjectVersion",
    ("DELETE", "uploadId"): "s3:AbortMultipartUpload",
    ("PUT", "uploadId"): "s3:PutObject",
    ("POST", "uploadId"): "s3:PutObject",
    ("POST", "uploads"): "s3:PutObject",
    ("GET", "tagging"): "s3:GetObjectTagging",
    ("GET", "acl"): "s3:GetObjectAcl",
}
_SAID_ELSEWHERE = frozenset({"versions", "uploads", "versionId", "uploadId", "tagging", "acl"})
_SUBRESOURCES = _SAID_ELSEWHERE | {"versioning", "ownershipControls", "delete"}


def needed(call: Call) -> frozenset[str]:
    """The actions that the caller has to be permitted."""
    match call.service:
        case "s3":
            return _needed_of_s3(call)
        case (
            "sts"
        ):  # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
            return frozenset()
        case "ec2":
            return frozenset({f"ec2:{call.operation}"}) | _besides(call)
        case service:
            return frozenset({f"{service}:{call.operation}"})


def refuse_unpermitted(call: Call, permitted: Iterable[str], account_id: str) -> None:
    """Raises AwsError as the service says it."""
    patterns = tuple(permitted)
    for action in sorted(needed(call)):
        if any(fnmatchcase(action, pattern) for pattern in patterns):
            continue
        who = f"arn:aws:iam::{account_id}:user/operator"
        why = f"User: {who} is not authorized to perform: {action} because no identity-based policy"
        message = f"{why} allows the {action} action"
        if call.service == "ec2":
            # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
            first = "You are not authorized to perform this operation. "
            raise AwsError("UnauthorizedOperation", first + message, 403)
        if call.service == "s3" or "Action" in call.parameters:
            raise AwsError("AccessDenied", message, 403)
        raise AwsError("AccessDeniedException", message)


def _besides(call: Call) -> set[str]:
    """What EC2 asks for besides the action that is called.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html ; that
    snapshots which go with an image need their own permission is believed.
    """
    more = set()
    if any(name.startswith("TagSpecification") for name in call.parameters):
        more.add("ec2:CreateTags")
    if call.parameters.get("DeleteAssociatedSnapshots") == "true":
        more.add("ec2:DeleteSnapshot")
    return more


def _needed_of_s3(call: Call) -> frozenset[str]:
    bucket, _, key = call.path.strip("/").partition("/")
    asked = {name for name, _ in parse_qsl(call.query, keep_blank_values=True)} & _SUBRESOURCES
    if not bucket:
        return frozenset({"s3:ListAllMyBuckets"})
    if call.method == "POST" and asked == {"delete"}:
        return frozenset({"s3:DeleteObject", "s3:DeleteObjectVersion"})
    table = _OF_OBJECTS if key else _OF_BUCKETS
    found = table.get((call.method, min(asked, default="")))
    return frozenset({found or f"s3:{call.method} {'object' if key else 'bucket'} {sorted(asked)}"})
