"""All in a bucket that speaks S3 is deleted: unfinished uploads, every version, every marker."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.control_plane import ControlPlane
from liferaft.clouds.emptying import SAFE, SECONDS, Emptying

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ErrorTypeDef

T = TypeVar("T")

_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""https://www.w3.org/TR/xml/#charsets"""

Version = tuple[str, str]
"""A key and the id of one of its versions."""


@dataclass
class S3Emptying:
    """One try at one bucket. `last` is the key that goes when all others are gone."""

    plane: ControlPlane
    s3: "S3Client"
    bucket: str
    last: str
    seconds: float = SECONDS
    emptying: Emptying = field(init=False)

    def __post_init__(self) -> None:
        self.emptying = Emptying(self.plane.cloud, self.bucket, self._left, self.seconds)

    def run(self) -> None:
        """Raises CloudFailure for what may not be deleted, DeadlinePassed saying what is left. What
        a store still lists after it said that it is deleted is for the bucket's deletion to say."""
        self.emptying.in_lanes(self._abort, self._uploads())
        before: Collection[Version] = ()
        while page := self._first_others():
            if page == before:
                return
            self.emptying.in_lanes(self._delete, self._pages())
            before = page
        self.emptying.in_lanes(self._delete, [self._of_key(self.last)])

    def _left(self) -> Sequence[str]:
        return [key for key, _ in self._first_others()]

    def _uploads(self) -> Iterator[tuple[str, str]]:
        """Keys and ids of unfinished uploads. All are listed before one is ended."""
        pages = list(self._listed("list_multipart_uploads", "UploadIdMarker"))
        return ((one["Key"], one["UploadId"]) for page in pages for one in page.get("Uploads", ()))

    def _pages(self) -> Iterator[Sequence[Version]]:
        """Page by page what is listed, but for the last key."""
        for page in self._listed("list_object_versions", "VersionIdMarker"):
            if others := [one for one in _versions(page) if one[0] != self.last]:
                yield others

    def _first_others(self) -> Sequence[Version]:
        """Of the first page alone."""
        page = next(self._listed("list_object_versions", "VersionIdMarker"))
        return [one for one in _versions(page) if one[0] != self.last]

    def _of_key(self, key: str) -> Sequence[Version]:
        page = next(self._listed("list_object_versions", "VersionIdMarker", Prefix=key))
        return [one for one in _versions(page) if one[0] == key]

    def _listed(self, call: str, second: str, **given: str) -> Iterator[Any]:
        """The pages of a listing, which goes on from a key and from `second`."""
        ask = getattr(self.s3, call)
        marks: dict[str, str] = {}
        while True:
            page = self._ask("listing", partial(ask, Bucket=self.bucket, **given, **marks))
            yield page
            told = {mark: page.get(f"Next{mark}", "") for mark in ("KeyMarker", second)}
            further = {mark: value for mark, value in told.items() if value}
            if not page.get("IsTruncated") or further in ({}, marks):
                return
            marks = further

    def _abort(self, upload: tuple[str, str]) -> int:
        """One that has ended meanwhile is no obstacle."""
        key, ident = upload
        end = partial(self.s3.abort_multipart_upload, Bucket=self.bucket, Key=key, UploadId=ident)
        try:
            self._ask(f"ending an upload of {key!r}", end)
        except CloudFailure as failure:
            if not self.plane.is_gone(failure.classification.code):
                raise
        return 1

    def _delete(self, versions: Sequence[Version]) -> int:
        """In one request, but for keys that XML cannot say."""
        sayable = [one for one in versions if not _NOT_IN_XML.search(one[0])]
        for one in set(versions).difference(sayable):
            self._ask(f"deleting {one[0]!r}", partial(self._delete_one, *one))
        if sayable:
            self._ask("deleting objects", lambda: self._delete_in_one(sayable))
        return len(versions)

    def _delete_one(self, key: str, version: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=key, VersionId=version)

    def _delete_in_one(self, versions: Sequence[Version]) -> None:
        """A refusal of any is an error."""
        objects: Any = [{"Key": key, "VersionId": version} for key, version in versions]
        answer = self.s3.delete_objects(
            Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True}
        )
        for refused in answer.get("Errors", []):
            raise _refusal(refused)

    def _ask(self, doing: str, call: Callable[[], T]) -> T:
        return self.plane.ask(f"{doing} in bucket {self.bucket}", call, safe=SAFE)


def _versions(page: Any) -> list[Version]:
    rows = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
    return [(one["Key"], one["VersionId"]) for one in rows]


def _refusal(refused: "ErrorTypeDef") -> Exception:
    """One object's refusal in an answer to many, as if it alone had been asked for."""
    from botocore.exceptions import ClientError

    code = refused.get("Code", "Unknown")
    message = f"{refused.get('Message', '')} (object {refused.get('Key', '')!r})"
    status = {"InternalError": 500, "ServiceUnavailable": 503}.get(code, 200)
    said: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(said, "DeleteObjects")
