"""Who may do what in a bucket: kept and shown. Whom a policy lets in is not enforced here: objects
are reached through the S3 dialect, at the store's own endpoint.

https://cloud.google.com/storage/docs/json_api/v1/buckets/setIamPolicy
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.errors import ApiError, condition_not_met

if TYPE_CHECKING:
    from liferaft_sandbox.clouds.gcp.state import Resource

_MEMBER = re.compile(
    r"allUsers|allAuthenticatedUsers|project(Owner|Editor|Viewer):\S+"
    r"|(user|serviceAccount|group):[^@\s]+@\S+|domain:\S+|principal(Set)?://\S+"
)
_ROLE = re.compile(r"roles/[A-Za-z.]+|(projects|organizations)/[^/]+/roles/\w+")


class Policies:
    def __init__(self) -> None:
        self._bindings: dict[str, list[Any]] = {}

    def get(self, bucket: str) -> Resource:
        bindings = self._bindings.get(bucket, [])
        mark = hashlib.sha256(json.dumps(bindings, sort_keys=True).encode()).hexdigest()[:12]
        shown = {"kind": "storage#policy", "resourceId": f"projects/_/buckets/{bucket}"}
        return {**shown, "version": 1, "etag": mark, "bindings": bindings}

    def set(self, bucket: str, said: Resource) -> Resource:
        """Raises ApiError for a policy that another has replaced meanwhile."""
        if said.get("etag", self.get(bucket)["etag"]) != self.get(bucket)["etag"]:
            raise condition_not_met(
                "At least one of the pre-conditions you specified did not hold."
            )
        for binding in said.get("bindings", []):
            wrong = [one for one in binding.get("members", []) if not _MEMBER.fullmatch(one)]
            if wrong or not _ROLE.fullmatch(binding.get("role", "")):
                raise ApiError(400, "invalid", f"Invalid argument: {binding}")
        self._bindings[bucket] = said.get("bindings", [])
        return self.get(bucket)

    def forget(self, bucket: str) -> None:
        self._bindings.pop(bucket, None)
