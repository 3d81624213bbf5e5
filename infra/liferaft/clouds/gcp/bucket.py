"""Buckets in Cloud Storage: made with Google's API, which knows labels; apps use the S3 dialect.

https://cloud.google.com/storage/docs/interoperability . With it go HMAC keys, which are made for
a service account beforehand; the region in an S3 signature is Google's to ignore.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from liferaft.clouds.classification import REPEATABLE
from liferaft.clouds.contract import Owned, Owner, no_update
from liferaft.clouds.emptying import SAFE, Emptying
from liferaft.clouds.gcp.access import GcpAccess, belongs_to, check_ours
from liferaft.clouds.gcp.bucket_access import ACCOUNT, let_in
from liferaft.clouds.gcp.clients import STORAGE
from liferaft.clouds.kinds import BucketFacts, BucketSpec
from liferaft.clouds.timeouts import READ_TIMEOUT

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Bucket

_BATCH = 100
"""https://cloud.google.com/storage/docs/batch"""


class GcpBucket:
    """Implements Resource[BucketSpec, BucketFacts]."""

    def __init__(self, access: GcpAccess) -> None:
        self._access = access
        self._plane = access.plane

    def create(self, spec: BucketSpec, owner: Owner) -> BucketFacts:
        self._plane.create_once(
            f"creating bucket {spec.name}",
            lambda: self._ours(spec, owner),
            lambda: self._make(spec, owner),
        )
        self._let_the_app_in(spec.name)
        return self._facts(spec.name)

    def read(self, ident: str) -> BucketFacts | None:
        found = self._plane.ask(f"reading bucket {ident}", lambda: self._named(ident))
        return None if found is None else self._facts(ident)

    def update(self, ident: str, spec: BucketSpec) -> BucketFacts:
        raise no_update("gcp", "bucket")

    def delete(self, ident: str) -> None:
        self._plane.remove(f"deleting bucket {ident}", lambda: self._empty_and_delete(ident))

    def owned_by(self, *, app: str, site: str | None = None) -> Sequence[Owned]:
        return [
            Owned(bucket.name, bucket.name, bucket.labels)
            for bucket in self._plane.ask("listing buckets", self._list)
            if belongs_to(bucket.labels, app, site)
        ]

    def _let_the_app_in(self, name: str) -> None:
        email = self._access.credentials.get(ACCOUNT)
        if email:
            bucket = self._access.clients.storage.bucket(name)
            self._plane.ask(
                f"letting {email} into bucket {name}",
                lambda: let_in(bucket, email),
                safe=REPEATABLE,
            )

    def _ours(self, spec: BucketSpec, owner: Owner) -> "Bucket | None":
        bucket = self._named(spec.name)
        if bucket is not None:
            check_ours(bucket.labels, spec.name, spec, owner)
        return bucket

    def _make(self, spec: BucketSpec, owner: Owner) -> "Bucket":
        client = self._access.clients.storage
        bucket = client.bucket(spec.name)
        bucket.labels = owner.labels(spec)
        bucket.iam_configuration.uniform_bucket_level_access_enabled = True
        bucket.iam_configuration.public_access_prevention = "enforced"
        return client.create_bucket(
            bucket, location=self._access.region, retry=None, timeout=READ_TIMEOUT
        )

    def _named(self, name: str) -> "Bucket | None":
        """Among the project's own: somebody else's of that name answers 403."""
        return next((bucket for bucket in self._list(name) if bucket.name == name), None)

    def _list(self, prefix: str | None = None) -> "list[Bucket]":
        client = self._access.clients.storage
        return list(client.list_buckets(prefix=prefix, retry=None, timeout=READ_TIMEOUT))

    def _empty_and_delete(self, name: str) -> None:
        emptying = Emptying("gcp", name, lambda: [blob.name for blob in next(self._pages(name))])
        emptying.in_lanes(partial(self._delete, name), self._pages(name))
        self._access.clients.storage.bucket(name).delete(retry=None, timeout=READ_TIMEOUT)

    def _pages(self, name: str) -> "Iterator[Sequence[Blob]]":
        """Every version, by pages; one at least."""
        bucket, token = self._access.clients.storage.bucket(name), None
        while True:
            page, token = self._plane.ask(
                f"listing bucket {name}", partial(_page, bucket, token), safe=SAFE
            )
            yield page
            if not token:
                return

    def _delete(self, name: str, blobs: "Sequence[Blob]") -> int:
        if blobs:
            doing = f"deleting objects of bucket {name}"
            self._plane.ask(doing, partial(self._delete_in_one, blobs), safe=SAFE)
        return len(blobs)

    def _delete_in_one(self, blobs: "Sequence[Blob]") -> None:
        """In one request. One that is gone already is no obstacle."""
        from google.api_core.exceptions import from_http_response

        batch = self._access.clients.storage.batch(raise_exception=False)
        with batch:
            for blob in blobs:
                blob.delete(retry=None, timeout=READ_TIMEOUT)
        for answer in batch._responses:  # noqa: SLF001  # the only place that has each answer
            if answer.status_code not in (200, 204, 404):
                raise from_http_response(answer)  # type: ignore[no-untyped-call]  # it has no types

    def _facts(self, name: str) -> BucketFacts:
        endpoint = self._access.credentials.get("GCS_S3_ENDPOINT") or STORAGE
        return BucketFacts(name, name, endpoint, self._access.region)


def _page(bucket: "Bucket", token: str | None) -> "tuple[Sequence[Blob], str | None]":
    """What is listed from there on, and where it goes on."""
    listing = bucket.list_blobs(
        versions=True, page_token=token, page_size=_BATCH, retry=None, timeout=READ_TIMEOUT
    )
    page = list(next(listing.pages, ()))
    return page, listing.next_page_token
