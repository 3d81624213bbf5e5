"""Cloud Storage's JSON API over the sandbox's S3 store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liferaft_sandbox.clouds.gcp import copies
from liferaft_sandbox.clouds.gcp.buckets import Buckets, layout, refuse_changed
from liferaft_sandbox.clouds.gcp.discovery import document
from liferaft_sandbox.clouds.gcp.errors import ApiError, not_offered, required, sandbox_lacks
from liferaft_sandbox.clouds.gcp.object_store import MemoryObjects, ObjectStore, S3Objects
from liferaft_sandbox.clouds.gcp.objects import Objects
from liferaft_sandbox.clouds.gcp.reply import Reply
from liferaft_sandbox.clouds.gcp.schema import checked
from liferaft_sandbox.clouds.gcp.uploads import Session, Sessions, two_parts
from liferaft_sandbox.clouds.gcp.wire import json_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug import Request

    from liferaft_sandbox.clouds.gcp.discovery import Match
    from liferaft_sandbox.clouds.gcp.seed import Seed
    from liferaft_sandbox.clouds.gcp.state import Resource

_MADE_OF_OTHERS = {
    "copy": ("Object", copies.copy_object),
    "rewrite": ("Object", copies.rewrite_object),
    "compose": ("ComposeRequest", copies.compose_object),
}
_VERBS = ("insert", "get", "list", "patch", "update", "delete")
_OFFERED = frozenset(
    {
        *(f"storage.{kind}.{verb}" for kind in ("buckets", "objects") for verb in _VERBS),
        *(f"storage.objects.{verb}" for verb in _MADE_OF_OTHERS),
        "storage.buckets.getIamPolicy",
        "storage.buckets.getStorageLayout",
        "storage.buckets.setIamPolicy",
        "storage.managedFolders.list",
    }
)
_UNHEARD = frozenset(
    {
        "destinationKmsKeyName",
        "destinationPredefinedAcl",
        "enableObjectRetention",
        "filter",
        "includeTrailingDelimiter",
        "kmsKeyName",
        "matchGlob",
        "predefinedAcl",
        "predefinedDefaultObjectAcl",
        "restoreToken",
        "rewriteToken",
        "softDeleted",
    }
)
"""Query parameters that would change an answer and that nothing here reads."""


def store_of(seed: Seed) -> ObjectStore:
    """The store that the seed names; memory where it names none."""
    return S3Objects(seed.objects) if seed.objects else MemoryObjects()


class Storage:
    """Callers hold a lock."""

    def __init__(self, seed: Seed, store: ObjectStore) -> None:
        self.document = document("storage", "v1")
        self._buckets = Buckets(seed, store)
        self._objects = Objects(store)
        self._sessions = Sessions()

    def answer(
        self, match: Match, query: Mapping[str, Any], request: Request, content: str
    ) -> Reply:
        """`content` is "upload" or "download" where the path asked for it rather than JSON."""
        method, base = match.method, request.host_url.rstrip("/")
        if method.id not in _OFFERED:
            raise not_offered(method.id)
        for name in sorted(_UNHEARD & query.keys()):
            if query[name]:
                raise sandbox_lacks(f"{name} of {method.id}")
        if method.name.endswith("IamPolicy"):
            return Reply(200, self._policy(match, request, base))
        if method.collection == "buckets":
            return self._bucket(match, query, request, base)
        if method.name in _MADE_OF_OTHERS:
            return Reply(200, self._made_of_others(match, query, request, base))
        self._buckets.get(match.arguments["bucket"], base)
        if method.collection == "managedFolders":  # gcloud looks for them before a bucket goes
            return Reply(200, {"kind": self.document.default(method.response, "kind")})
        if method.name == "insert":
            if content != "upload":
                raise ApiError(400, "wrongUrlForUpload", "Upload requests must be to /upload.")
            return self._insert(method.id, match.arguments["bucket"], query, request, base)
        return self._object(match, query, request, content)

    def _made_of_others(
        self, match: Match, query: Mapping[str, Any], request: Request, base: str
    ) -> Resource:
        for role in ("sourceBucket", "destinationBucket"):
            if role in match.arguments:
                self._buckets.get(match.arguments[role], base)
        schema, make = _MADE_OF_OTHERS[match.method.name]
        said = self._body(schema, match.method.id, json_of(request) or {})
        return make(self._objects, copies.Asked(match.arguments, said, query, base))

    def _object(
        self, match: Match, query: Mapping[str, Any], request: Request, content: str
    ) -> Reply:
        """Of a bucket that is there."""
        method, base, bucket = match.method, request.host_url.rstrip("/"), match.arguments["bucket"]
        if method.name == "list":
            return Reply(200, self._objects.listed(bucket, query, base))
        name = match.arguments["object"]
        if method.name == "delete":
            self._objects.delete(bucket, name, query)
            return Reply(204)
        if method.name in {"patch", "update"}:
            raw = _needed(request)
            self._body("Object", method.id, raw)
            whole = method.name == "update"
            return Reply(200, self._objects.change(bucket, name, raw, query, base, whole=whole))
        if content == "download" or request.args.get("alt") == "media":
            wanted = request.headers.get("Range", "")
            return self._objects.download(bucket, name, query, wanted)
        return Reply(200, self._objects.get(bucket, name, query, base))

    def _bucket(self, match: Match, query: Mapping[str, Any], request: Request, base: str) -> Reply:
        method, buckets = match.method, self._buckets
        if method.name == "list":
            return Reply(200, buckets.listed(query, base))
        if method.name == "insert":
            said = self._body("Bucket", method.id, _bucket_said(request))
            return Reply(200, buckets.insert(query["project"], said, base))
        name = match.arguments["bucket"]
        found = buckets.get(name, base)
        mark, reading = int(found["metageneration"]), method.name == "get"
        refuse_changed(query, "ifMetageneration", mark, reading=reading)
        if method.name in {"patch", "update"}:
            raw = _bucket_said(request)
            said = self._body("Bucket", method.id, raw)
            if method.name == "update":
                return Reply(200, buckets.update(name, said, base))
            return Reply(200, buckets.patch(name, dict(raw), base))  # with its nulls
        if method.name == "delete":
            buckets.delete(name, base)
            return Reply(204)
        return Reply(200, layout(found) if method.name == "getStorageLayout" else found)

    def _policy(self, match: Match, request: Request, base: str) -> Resource:
        name, policies = match.arguments["bucket"], self._buckets.policies
        self._buckets.get(name, base)
        if match.method.name == "getIamPolicy":
            return policies.get(name)
        return policies.set(name, self._body("Policy", match.method.id, _needed(request)))

    def _insert(
        self, method_id: str, bucket: str, query: Mapping[str, Any], request: Request, base: str
    ) -> Reply:
        kind = request.args.get("uploadType")
        key = request.args.get("upload_id")
        if key:
            session = self._sessions.add(key, request)
            if isinstance(session, Reply):
                return session
            return self._stored(bucket, session.said, bytes(session.content), session.query, base)
        given_type = request.headers.get("X-Upload-Content-Type", "")
        if kind == "resumable":
            said = self._body("Object", method_id, json_of(request) or {})
            if given_type:
                said.setdefault("contentType", given_type)
            return self._sessions.begin(Session(bucket, said, query), base)
        if kind == "multipart":
            metadata, content, content_type = two_parts(request)
            said = self._body("Object", method_id, metadata)
        elif kind == "media":
            said, content = {}, request.get_data()
            content_type = request.headers.get("Content-Type", "")
        else:
            raise ApiError(400, "badRequest", f"Unknown uploadType: {kind}")
        if content_type:
            said.setdefault("contentType", content_type)
        return self._stored(bucket, said, content, query, base)

    def _stored(
        self, bucket: str, said: Resource, content: bytes, query: Mapping[str, Any], base: str
    ) -> Reply:
        return Reply(200, self._objects.insert(bucket, said, content, query, base))

    def _body(self, schema: str, method_id: str, body: object) -> Resource:
        """ACLs, which the document demands of updates, are not: no client sends them any more."""
        method_id = method_id.replace(".update", ".patch")
        return checked(self.document, schema, method_id, body, schema.lower())


def _needed(request: Request) -> Any:
    body = json_of(request)
    if body is None:
        raise required("resource")
    return body


def _bucket_said(request: Request) -> Any:
    """Without the project, which Ansible's modules say in the body, too; Google lets them."""
    body = _needed(request)
    if isinstance(body, dict):
        body.pop("project", None)
    return body
