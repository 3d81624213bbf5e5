"""What one vault's store keeps of the past: every version of every object below the app's prefix.

What puts a vault back takes no right to destroy: an old version is copied over the present one, and
what is to be there no more is hidden behind a delete marker. Both are undone in the same way.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.s3 import S3Account
from liferaft.failures import BadInput
from liferaft.vault import layout
from liferaft.vault.contract import VaultRefused, VaultUnavailable
from liferaft.vault.past import Past, StoredVersion, bare, version_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

    from liferaft.config import VaultConfig, VaultCredentials

T = TypeVar("T")
LANES: Final = 16
COPIED_WHOLE: Final = 5 * 1024**3
"""The largest object that stores copy in one request."""
MARK: Final = "liferaft-put-back-from"
"""In the metadata of a copy of what was stored in parts: such a copy has another ETag. It is made
with the operator's key, or a thief would mark what they wrote and it would stay."""
_PATIENCE: Final = Patience(attempts=5, budget=45.0)
_BRIEF: Final = Patience(attempts=2, budget=10.0)
"""For a vault that may be dead."""
_PASSING: Final = (Verdict.OUTAGE, Verdict.THROTTLE)
_NO_LOCK: Final = frozenset(
    {
        "404",
        "501",
        "MethodNotAllowed",
        "NoSuchObjectLockConfiguration",
        "NotImplemented",
        "ObjectLockConfigurationNotFoundError",
    }
)
"""What stores answer of a bucket that locks nothing, or that do not know what a lock is."""
_FLAT: Final = (f"{layout.RUNS}/", f"{layout.DRILLS}/")
"""Of very many folders, whose names are of one shape: listed in one go. Everything else is listed
folder by folder. SeaweedFS walks `a/` before `a-b/` and sorts what fits on a page, as S3 does, the
other way round: of a long listing over both, it leaves out what lies between."""
_SAFE: Final = "Every version that there was is still there: nothing is destroyed."


@dataclass(frozen=True)
class Versions:
    """The versions that one vault keeps. Calls block; threads may share it.

    Attributes:
        name: the vault's, in liferaft.toml.
        bucket: of the store.
        below: the app's own prefix, with its slash at the end.
    """

    name: str
    bucket: str
    below: str
    account: S3Account = field(repr=False)

    @classmethod
    def of(
        cls, name: str, vault: "VaultConfig", credentials: "VaultCredentials", *, prefix: str
    ) -> "Versions | None":
        """None for a vault that is a folder, which has none."""
        url = urlsplit(vault.url)
        if url.scheme == "file":
            return None
        if not credentials.access_key_id or not credentials.secret_access_key:
            raise BadInput(f"There are no credentials for the vault at {vault.url}")
        return cls(
            name,
            url.netloc,
            "/".join((*filter(None, (url.path.strip("/"), prefix)), "")),
            S3Account(
                vault.region,
                credentials.access_key_id.get_secret_value(),
                credentials.secret_access_key.get_secret_value(),
                vault.endpoint or f"https://s3.{vault.region}.amazonaws.com",
                ca_file=str(credentials.ca_file) if credentials.ca_file else None,
            ),
        )

    @cached_property
    def _s3(self) -> "S3Client":
        return self.account.client()

    def are_kept(self) -> bool:
        """Whether the bucket keeps what is overwritten or deleted now. Raises VaultFailure."""
        found = self._ask(
            "asking whether it keeps versions",
            lambda: self._s3.get_bucket_versioning(Bucket=self.bucket),
            _BRIEF,
        )
        return found.get("Status") == "Enabled"

    def lock(self) -> str | None:
        """The bucket's own retention for whatever is written there; None where it has none. Raises
        VaultFailure."""
        try:
            found = self._ask(
                "asking how long it locks what is written",
                lambda: self._s3.get_object_lock_configuration(Bucket=self.bucket),
                _BRIEF,
            )
        except VaultRefused as refusal:
            cause = refusal.__cause__
            if isinstance(cause, CloudFailure) and cause.classification.code in _NO_LOCK:
                return None
            raise
        rule = found["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
        length = [f"{rule[unit]} {unit.lower()}" for unit in ("Days", "Years") if rule.get(unit)]
        return f"{rule.get('Mode', '')} for {' '.join(length)}" if length else None

    def of_key(self, key: str) -> tuple[StoredVersion, ...]:
        """All of one key that have content, the newest first. Raises VaultFailure."""
        return tuple(
            version_of(told, Past(key))
            for page in self._pages(key, delimiter="")
            for told in page.get("Versions", ())
            if told["Key"] == self.below + key
        )

    def destroy(self, key: str, version: StoredVersion) -> None:
        """That version is there no more, unless it is locked. For what is tried alone."""
        self._ask(
            f"destroying a version of {key}",
            lambda: self._s3.delete_object(
                Bucket=self.bucket, Key=self.below + key, VersionId=version.ident
            ),
        )

    def before(self, moment: datetime) -> Mapping[str, Past]:
        """Of every key of which there ever was a version: then and now. Raises VaultFailure."""
        found, folders = dict[str, Past](), [""]
        with ThreadPoolExecutor(LANES) as pool:
            while folders:
                listed = list(pool.map(lambda folder: self._folder(folder, moment), folders))
                for pasts, _ in listed:
                    found.update(pasts)
                folders = [below for _, inside in listed for below in inside]
        return found

    def read(
        self, key: str, version: StoredVersion, *, start: int = 0, end: int | None = None
    ) -> bytes:
        """A version's bytes, from `start` to before `end`; without an end, all that follow."""
        wanted: dict[str, Any] = {}
        if start or end is not None:
            if (last := (version.size if end is None else min(end, version.size)) - 1) < start:
                return b""
            wanted["Range"] = f"bytes={start}-{last}"

        def read() -> bytes:
            found = self._s3.get_object(
                Bucket=self.bucket, Key=self.below + key, VersionId=version.ident, **wanted
            )
            return found["Body"].read()

        return self._ask(f"reading {key} as it was", read)

    def copy_over(self, key: str, version: StoredVersion) -> None:
        """Let a version be what lies there now: it is copied within the store. Where the copy gets
        another ETag, it is marked as a copy: how else would anybody know?"""
        if version.is_in_parts or self._copy(key, version) != version.etag:
            head = self._head(key, version.ident)
            told = {**head.get("Metadata", {}), MARK: self._mark(key, version)}
            marked = {"Metadata": told, "MetadataDirective": "REPLACE"}
            self._copy(key, version, ContentType=head["ContentType"], **marked)

    def is_copy(self, past: Past) -> bool:
        """Whether what is there now is marked as a copy of what was there then."""
        if past.then is None or past.now is None or past.now.size != past.then.size:
            return False
        head = self._head(past.key, past.now.ident)
        told = head.get("Metadata", {}).get(MARK, "")
        return hmac.compare_digest(told.encode(), self._mark(past.key, past.then).encode())

    def _mark(self, key: str, version: StoredVersion) -> str:
        said = f"{MARK}\n{self.below}{key}\n{version.ident}\n{version.etag}"
        secret = self.account.secret_access_key.encode()
        return hmac.new(secret, said.encode(), hashlib.sha256).hexdigest()

    def _copy(self, key: str, version: StoredVersion, **more: Any) -> str:
        """The copy's ETag. What is too large for one request is copied in parts."""
        whole = self.below + key
        source: CopySourceTypeDef = {
            "Bucket": self.bucket,
            "Key": whole,
            "VersionId": version.ident,
        }
        doing = f"copying an earlier version over {key}"
        if version.size > COPIED_WHOLE:
            self._ask(doing, lambda: self._s3.copy(source, self.bucket, whole, ExtraArgs=more))
            return version.etag
        done = self._ask(
            doing,
            lambda: self._s3.copy_object(Bucket=self.bucket, Key=whole, CopySource=source, **more),
        )
        return bare(done["CopyObjectResult"].get("ETag", ""))

    def hide(self, key: str) -> None:
        """Let nothing be there: what was is behind the delete marker."""
        self._ask(
            f"hiding {key}",
            lambda: self._s3.delete_object(Bucket=self.bucket, Key=self.below + key),
        )

    def _head(self, key: str, ident: str) -> Any:
        return self._ask(
            f"looking at a version of {key}",
            lambda: self._s3.head_object(Bucket=self.bucket, Key=self.below + key, VersionId=ident),
        )

    def _folder(self, folder: str, moment: datetime) -> tuple[Mapping[str, Past], tuple[str, ...]]:
        """What lies in a folder itself, and the folders in it; of a flat one, all below it."""
        found, folders = dict[str, Past](), list[str]()
        for page in self._pages(folder, delimiter="" if folder in _FLAT else "/"):
            folders += [told["Prefix"] for told in page.get("CommonPrefixes", ())]
            for told in (*page.get("DeleteMarkers", ()), *page.get("Versions", ())):
                key = told["Key"].removeprefix(self.below)
                past = found.setdefault(key, Past(key))
                past.learn(version_of(told, past), moment, is_latest=bool(told["IsLatest"]))
        return found, tuple(one.removeprefix(self.below) for one in folders)

    def _pages(self, folder: str, *, delimiter: str) -> Iterator[Any]:
        where: dict[str, Any] = {"Delimiter": delimiter} if delimiter else {}
        doing = f"listing the versions of {folder or 'everything'}"
        while True:
            page = self._ask(
                doing,
                lambda: self._s3.list_object_versions(
                    Bucket=self.bucket,
                    Prefix=self.below + folder,
                    **where,
                ),
            )
            yield page
            if not page.get("IsTruncated"):
                return
            where["KeyMarker"] = page["NextKeyMarker"]
            where.pop("VersionIdMarker", None)
            if page.get("NextVersionIdMarker"):
                where["VersionIdMarker"] = page["NextVersionIdMarker"]

    def _ask(self, doing: str, call: Callable[[], T], patience: Patience = _PATIENCE) -> T:
        from liferaft.clouds.boto_errors import control_plane

        plane = control_plane(f"vault {self.name}", patience)
        try:
            return plane.ask(doing, call)
        except CloudFailure as failure:
            meaning = failure.classification
            said = f"{meaning.code}: {meaning.message}"
            kind = VaultUnavailable if meaning.verdict in _PASSING else VaultRefused
            raise kind(
                self.name,
                doing,
                said,
                safe=_SAFE,
                do="Run the same command again once the vault answers."
                if kind is VaultUnavailable
                else "Check the vault's credentials: they have to list, read and copy versions.",
            ) from failure
