"""Constraints of an organization's policy, which Google names when it refuses, and what helps.

https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints
"""

import re

_NAMED = re.compile(r"\bconstraints/([a-z]+\.[A-Za-z.]+[A-Za-z])")
_MEANS = {
    "compute.vmExternalIpAccess": (
        "It forbids public addresses, which every server needs: SSH and users come in by them."
    ),
    "compute.requireOsLogin": (
        "It forbids enable-oslogin=FALSE, without which the login that the user data makes is shut."
    ),
    "iam.disableServiceAccountKeyCreation": (
        "It forbids new key files of service accounts: impersonate one instead (gcloud auth "
        "application-default login --impersonate-service-account=EMAIL, and its file in "
        "GOOGLE_APPLICATION_CREDENTIALS)."
    ),
    "storage.restrictAuthTypes": (
        "It forbids HMAC keys, by which the application reaches its bucket and snapshots copy it."
    ),
    "gcp.resourceLocations": "It forbids the region: name another in sites.<site>.region.",
}


def way_out(message: str) -> str:
    """What to do about a refusal that names a constraint; empty for any other."""
    named = _NAMED.search(message)
    if named is None:
        return ""
    means = _MEANS.get(named[1], "")
    exempt = (
        f"The organization's policy refuses this (constraints/{named[1]}). {means} Ask whoever "
        "administers it to exempt the project (console: IAM, Organization policies), or use a "
        "project outside the organization; then run the same command again."
    )
    return exempt.replace("  ", " ")
