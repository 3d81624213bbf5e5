"""What was at one key before a moment, and what is there now, as a listing of versions tells it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

WITHOUT_VERSIONS: Final = "null"
"""The id of what was written before the bucket kept versions."""
_BASE32: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID: Final = re.compile(f"[0-7][{_BASE32}]{{25}}")


@dataclass(frozen=True)
class StoredVersion:
    """One version of an object, by the store's own clock; or that it was deleted then."""

    ident: str
    at: datetime
    size: int = 0
    etag: str = ""
    is_deletion: bool = False

    @property
    def is_in_parts(self) -> bool:
        """Whether it was stored in parts: its ETag is of those, and not of the content."""
        return "-" in self.etag


@dataclass
class Past:
    """One key: what lay there just before a moment, and what lies there now. A deletion is nothing,
    as is what was never there."""

    key: str
    then: StoredVersion | None = None
    now: StoredVersion | None = None

    @property
    def was_there(self) -> bool:
        return self.then is not None and not self.then.is_deletion

    @property
    def is_there(self) -> bool:
        return self.now is not None and not self.now.is_deletion

    @property
    def is_alike(self) -> bool:
        """Whether what is there now has the content of then, as far as a listing tells."""
        if not (self.was_there and self.is_there):
            return not (self.was_there or self.is_there)
        assert self.then is not None
        assert self.now is not None
        return self.then.ident == self.now.ident or (
            (self.then.etag, self.then.size) == (self.now.etag, self.now.size)
        )

    def learn(self, version: StoredVersion, moment: datetime, *, is_latest: bool) -> None:
        """A listing tells of a version: of deletions first, else of the newest first."""
        if is_latest:
            self.now = version
        if version.at < moment and (self.then is None or self._is_later(version)):
            self.then = version

    def _is_later(self, version: StoredVersion) -> bool:
        """Stores tell whole seconds. What was written in the second in which it was deleted as well
        counts as there, unless the deletion is known to be the later one."""
        assert self.then is not None
        if version.at != self.then.at:
            return version.at > self.then.at
        return version is self.now or (self.then.is_deletion and self.then is not self.now)


def version_of(told: Any, past: Past) -> StoredVersion:
    ident = told["VersionId"]
    return StoredVersion(
        ident,
        _written_at(told, past),
        told.get("Size", 0),
        bare(told.get("ETag", "")),
        is_deletion="Size" not in told,
    )


def bare(etag: str) -> str:
    """Some stores leave the quotes out where they tell of a copy."""
    return etag.strip('"')


def _written_at(told: Any, past: Past) -> datetime:
    """When a version was written. Versity's gateway says of a version when it was replaced, and in
    its id (https://github.com/ulid/spec) when it was written; of one without an id, which is older
    than all of them, it says neither."""
    ident: str = told["VersionId"]
    if _ULID.fullmatch(ident):
        milliseconds = int("".join(f"{_BASE32.index(digit):05b}" for digit in ident[:10]), 2)
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    if ident == WITHOUT_VERSIONS and past.now is not None and _ULID.fullmatch(past.now.ident):
        return datetime.fromtimestamp(0, UTC)
    listed: datetime = told["LastModified"]
    return listed.astimezone(UTC)
