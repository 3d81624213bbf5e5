"""https://cloud.google.com/storage/docs/json_api/v1/buckets"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp.catalogue import REGIONS
from liferaft_sandbox.clouds.gcp.collection import check_labels
from liferaft_sandbox.clouds.gcp.errors import ApiError, condition_not_met, required, sandbox_lacks
from liferaft_sandbox.clouds.gcp.listing import page
from liferaft_sandbox.clouds.gcp.policies import Policies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liferaft_sandbox.clouds.gcp.object_store import ObjectStore
    from liferaft_sandbox.clouds.gcp.seed import Seed
    from liferaft_sandbox.clouds.gcp.state import Resource

SOMEBODY_ELSES = "somebody-elses-"
"""Buckets whose names begin so are another customer's."""
MULTI_REGIONS = frozenset({"US", "EU", "ASIA"})
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
"""https://cloud.google.com/storage/docs/buckets#naming, of names without dots"""
_CLASSES = frozenset({"STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE"})
_GOOGLES = frozenset(
    {"kind", "id", "selfLink", "projectNumber", "generation", "locationType", "timeCreated", "etag"}
)
"""What clients send back as they read it, and only Google sets."""
_LOCK_DAYS = 90
_MOST = 1000


class Buckets:
    """What Google knows of a bucket is kept here; the bucket itself is the store's.

    A bucket that was made through the S3 dialect is shown with Google's defaults.
    """

    def __init__(self, seed: Seed, store: ObjectStore) -> None:
        self._seed = seed
        self._store = store
        self._known: dict[str, Resource] = {}
        self.policies = Policies()

    def insert(self, project: str, said: Resource, base: str) -> Resource:
        """`base` is the URL in front of selfLinks."""
        self._check_project(project, "create")
        name = said["name"]
        if not _NAME.fullmatch(name) or name.startswith("goog") or "google" in name:
            raise ApiError(400, "invalid", f"Invalid bucket name: '{name}'")
        if name.startswith(SOMEBODY_ELSES):
            # https://github.com/percona/mongo_terraform_ansible/issues/24
            raise ApiError(
                409,
                "conflict",
                "The requested bucket name is not available. The bucket namespace is shared by "
                "all users of the system. Please select a different name and try again.",
            )
        if name in self._store.buckets():
            raise ApiError(
                409,
                "conflict",
                "Your previous request to create the named bucket succeeded and you already own "
                "it.",
            )
        bucket = self._defaults(name, base)
        _check(said)
        location = said.get("location", "US").upper()
        if location not in MULTI_REGIONS | {region.upper() for region in REGIONS}:
            raise ApiError(400, "invalid", "The specified location constraint is not valid.")
        bucket |= {k: v for k, v in said.items() if k != "iamConfiguration"}
        bucket["iamConfiguration"] = _access(
            merged(bucket["iamConfiguration"], said.get("iamConfiguration", {}))
        )
        bucket["location"] = location
        bucket["locationType"] = "multi-region" if location in MULTI_REGIONS else "region"
        self._store.make_bucket(name)
        self._known[name] = bucket
        return bucket

    def get(self, name: str, base: str) -> Resource:
        """Raises ApiError when the store has no such bucket."""
        if name not in self._store.buckets():
            self._known.pop(name, None)
            raise ApiError(404, "notFound", "The specified bucket does not exist.")
        return self._known.setdefault(name, self._defaults(name, base))

    def listed(self, query: Mapping[str, Any], base: str) -> Resource:
        self._check_project(query["project"], "list")
        names = sorted(self._store.buckets())
        items = [
            self._known.setdefault(name, self._defaults(name, base))
            for name in names
            if name.startswith(query.get("prefix", ""))
        ]
        shown, following = page(items, query, most=_MOST)
        answer: Resource = {"kind": "storage#buckets", "items": shown}
        return {**answer, "nextPageToken": following} if following else answer

    def patch(self, name: str, said: Resource, base: str) -> Resource:
        """`said` may hold nulls: they take a field away."""
        return self._changed(self.get(name, base), said)

    def update(self, name: str, said: Resource, base: str) -> Resource:
        """The whole anew: what is not said is taken away, but for what every bucket has."""
        old = self.get(name, base)
        return self._changed({field: old[field] for field in self._defaults(name, base)}, said)

    def _changed(self, old: Resource, said: Resource) -> Resource:
        new = merged(old, {key: value for key, value in said.items() if key not in _GOOGLES})
        _check(new)
        for field in ("name", "location"):
            if new[field] != old[field]:
                raise ApiError(400, "invalid", f"A bucket keeps its {field}.")
        new["iamConfiguration"] = _access(new["iamConfiguration"])
        new["metageneration"] = str(int(old["metageneration"]) + 1)
        new["updated"] = now()
        self._known[new["name"]] = new
        return new

    def delete(self, name: str, base: str) -> None:
        self.get(name, base)
        if self._store.after(name, "", ""):
            raise ApiError(409, "conflict", "The bucket you tried to delete is not empty.")
        self._store.delete_bucket(name)
        self.policies.forget(name)
        del self._known[name]

    def _defaults(self, name: str, base: str) -> Resource:
        return {
            "kind": "storage#bucket",
            "selfLink": f"{base}/storage/v1/b/{name}",
            "id": name,
            "name": name,
            "projectNumber": self._seed.project_number,
            "generation": "1",
            "metageneration": "1",
            "location": "US",
            "locationType": "multi-region",
            "storageClass": "STANDARD",
            "etag": "CAE=",
            "timeCreated": now(),
            "updated": now(),
            "iamConfiguration": {
                "bucketPolicyOnly": {"enabled": False},
                "uniformBucketLevelAccess": {"enabled": False},
                "publicAccessPrevention": "inherited",
            },
        }

    def _check_project(self, project: str, what: str) -> None:
        if project not in {self._seed.project, self._seed.project_number}:
            said = (
                f"The caller does not have storage.buckets.{what} access to the Google Cloud "
                f"project. Permission 'storage.buckets.{what}' denied on resource (or it may not "
                "exist)."
            )
            raise ApiError(403, "forbidden", said)


def layout(bucket: Resource) -> Resource:
    """Where and how it lies. Clients ask whether it has real folders, and here none has."""
    return {
        "kind": "storage#storageLayout",
        "bucket": bucket["name"],
        "location": bucket["location"],
        "locationType": bucket["locationType"],
        "hierarchicalNamespace": {"enabled": False},
    }


def _check(said: Mapping[str, Any]) -> None:
    if not said.get("name"):
        raise required("name")
    check_labels(said.get("labels", {}), "labels")
    if said.get("storageClass", "STANDARD") not in _CLASSES:
        raise ApiError(400, "invalid", "Invalid argument: storageClass.")
    if said.get("hierarchicalNamespace", {}).get("enabled"):
        raise sandbox_lacks("buckets with real folders (hierarchicalNamespace)")
    if said.get("retentionPolicy"):
        raise sandbox_lacks("buckets that keep objects for a time (retentionPolicy)")


def _access(said: Resource) -> Resource:
    """Uniform access is said twice, under its older name too, and gets the day it locks."""
    enabled = said["uniformBucketLevelAccess"]["enabled"]
    said["uniformBucketLevelAccess"] = {"enabled": enabled}
    if enabled:
        lock = datetime.now(UTC) + timedelta(days=_LOCK_DAYS)
        said["uniformBucketLevelAccess"]["lockedTime"] = timestamp(lock)
    said["bucketPolicyOnly"] = dict(said["uniformBucketLevelAccess"])
    return said


def merged(old: Resource, said: Mapping[str, Any]) -> Resource:
    """https://www.rfc-editor.org/rfc/rfc7396: a null takes away, an object goes deeper."""
    new = dict(old)
    for key, value in said.items():
        if value is None:
            new.pop(key, None)
        elif isinstance(value, dict) and isinstance(old.get(key, {}), dict):
            new[key] = merged(old.get(key, {}), value)
        else:
            new[key] = value
    return new


def changed_meanwhile() -> ApiError:
    return condition_not_met("At least one of the pre-conditions you specified did not hold.")


def refuse_changed(
    query: Mapping[str, Any], prefix: str, actual: int, *, reading: bool = False
) -> None:
    """The ifGenerationMatch and ifMetagenerationMatch conditions (prefix says which).

    https://cloud.google.com/storage/docs/json_api/v1/status-codes#304-not-modified when reading.
    """
    wanted, unwanted = query.get(f"{prefix}Match"), query.get(f"{prefix}NotMatch")
    if wanted is not None and int(wanted) != actual:
        raise changed_meanwhile()
    if unwanted is not None and int(unwanted) == actual:
        raise ApiError(304, "notModified", "Not Modified") if reading else changed_meanwhile()


def now() -> str:
    return timestamp(datetime.now(UTC))


def timestamp(moment: datetime) -> str:
    """As Cloud Storage writes it."""
    said = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return said.replace("+00:00", "Z")
