"""The application's way into its bucket at Google: a role there for the account of its HMAC key.

An HMAC key may do what its service account may. The bucket is made by a deploy, so that the role
cannot be given beforehand. https://cloud.google.com/storage/docs/authentication/hmackeys
"""

from typing import TYPE_CHECKING

from liferaft.clouds.timeouts import READ_TIMEOUT

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

ACCOUNT = "GCS_HMAC_ACCOUNT"
"""The variable with the account's email."""
ROLE = "roles/storage.objectUser"
"""Objects and uploads in parts: list, read, write, delete.
https://cloud.google.com/storage/docs/access-control/iam-roles"""
_NEWEST = 3
"""Of the forms of a policy, the one that shows conditions."""


def let_in(bucket: "Bucket", email: str) -> None:
    """The account has the role, and every other binding is as it was. Google refuses a policy that
    was changed since it was read."""
    policy = bucket.get_iam_policy(
        requested_policy_version=_NEWEST, retry=None, timeout=READ_TIMEOUT
    )
    member = f"serviceAccount:{email}"
    for binding in policy.bindings:
        is_plain = binding["role"] == ROLE and not binding.get("condition")
        if is_plain and member in binding["members"]:
            return
    policy.version = _NEWEST
    policy.bindings.append({"role": ROLE, "members": {member}})
    bucket.set_iam_policy(policy, retry=None, timeout=READ_TIMEOUT)
