"""What a vendor's object store refuses, or takes otherwise, that SeaweedFS does as AWS would.

A rule is lines for Caddy; the source of what it says stands beside it. They hold in their order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TO_A_BUCKET: Final = "path_regexp ^/[^/]+/?$"
"""Requests are addressed by path here: /BUCKET/KEY."""
LACKED_BY_HETZNER: Final = (
    *("accelerate", "analytics", "intelligent-tiering", "inventory", "logging", "metrics"),
    *("notification", "ownershipControls", "replication", "requestPayment", "tagging", "website"),
)


@dataclass(frozen=True)
class Rule:
    """For requests that meet all lines of `when`, each a matcher of Caddy's, do `then`.

    `then` has a directive in each line; `{which}` in it stands for those requests.
    https://caddyserver.com/docs/caddyfile/matchers
    """

    when: tuple[str, ...]
    then: tuple[str, ...]


def asks_for(*subresources: str) -> str:
    """A line of `when`: requests for one of these of a bucket or an object."""
    return f"expression `{{query}}.matches('(^|&)({'|'.join(subresources)})(=|&|$)')`"


def refuse(*when: str, status: int, code: str, message: str) -> Rule:
    """Answer them as S3 tells errors.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<Error><Code>{code}</Code><Message>{message}</Message>"
        "<RequestId>{http.request.uuid}</RequestId></Error>"
    )
    return Rule(
        when,
        ("header {which} Content-Type application/xml", f"respond {{which}} `{body}` {status}"),
    )


SOMEBODY_ELSES: Final = refuse(
    *("method PUT", "path_regexp ^/somebody-elses-[^/]*/?$"),
    status=409,
    code="BucketAlreadyExists",
    message="The requested bucket name is not available. The bucket namespace is shared by all "
    "users of the system. Please select a different name and try again.",
)
"""Names of buckets are the vendor's, not the customer's; those that begin so are another one's:
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
In Google's S3 dialect as well: https://github.com/GoogleCloudPlatform/gsutil/pull/1166
At Hetzner: https://github.com/rclone/rclone/issues/9890"""


REFUSALS: Final[Mapping[str, tuple[Rule, ...]]] = {
    "aws": (SOMEBODY_ELSES,),
    "gcp": (
        SOMEBODY_ELSES,
        # A bucket has uniform access by what we set and by what organisations demand, and then
        # takes no list, `private` included, with what is written:
        # https://docs.cloud.google.com/storage/docs/uniform-bucket-level-access
        # In these words: https://github.com/iterate-ch/cyberduck/issues/16814
        refuse(
            *("method PUT POST", "header x-amz-acl *"),
            status=400,
            code="InvalidArgument",
            message="Invalid argument. Cannot insert legacy ACL for an object when uniform "
            "bucket-level access is enabled.",
        ),
    ),
    "hetzner": (
        SOMEBODY_ELSES,
        # What of buckets is "not supported":
        # https://docs.hetzner.com/storage/object-storage/supported-actions/
        # The code as others met it: https://github.com/aminueza/terraform-provider-minio/pull/707
        refuse(
            *(TO_A_BUCKET, asks_for(*LACKED_BY_HETZNER)),
            status=501,
            code="NotImplemented",
            message="A header you provided implies functionality that is not implemented.",
        ),
    ),
}
"""By the owner of the store."""
