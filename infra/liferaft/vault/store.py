"""A vault over obstore: S3 stores, and folders for tests and removable disks."""

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
import stamina
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from liferaft import texts
from liferaft.failures import BadInput
from liferaft.vault.answers import Meaning, Taken, code_of, is_condition, meaning, told
from liferaft.vault.checked import CheckedVault
from liferaft.vault.checksums import ObjectWriter
from liferaft.vault.contract import (
    CreateRefused,
    KeyMissing,
    Level,
    Newest,
    Seen,
    VaultRefused,
    VaultUnavailable,
)

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, ObjectStore, S3Credential

    # The engine's child writes through this room, and needs no models of the configuration.
    from liferaft.config import VaultConfig, VaultCredentials

ATTEMPTS = 4
PATIENCE_SECONDS = 30.0
"""After this long no further attempt is begun."""
PIECE_BYTES = 2 * 1024 * 1024
# Called without arguments: stamina logs those of what it tries again.
_patiently = stamina.RetryingCaller(attempts=ATTEMPTS, timeout=PATIENCE_SECONDS, wait_max=5.0).on(
    VaultUnavailable
)
_ONCE_IT_ANSWERS = "Run the same command again once the vault answers."
_WAYS = {
    Meaning.REFUSED: "Check the vault's credentials, and that its bucket exists.",
    Meaning.UNKNOWN: "This store does not know such a request, and asking again does not help: "
    "name a vault at another vendor first in liferaft.toml.",
    Meaning.CLOCK: "Set this computer's clock, then run the same command again.",
    Meaning.FULL: "Make room there (`liferaft snapshot prune`), or raise the store's quota.",
    Meaning.CERTIFICATE: "See that `endpoint` is the store's, and ca_file its authority.",
}
_SAFE = "Nothing was written by this request that a later one could not read or repeat."


def open_vault(
    name: str, vault: "VaultConfig", credentials: "VaultCredentials", *, prefix: str
) -> CheckedVault:
    """A vault of the configuration, its keys below `prefix` (the app's name).

    Asks nobody: whether the vault answers is seen at its first use.
    """
    opens = partial(open_store, vault, credentials, prefix=prefix)
    is_folder = urlsplit(vault.url).scheme == "file"  # whose disk may not be there
    return CheckedVault(StoredVault(name, opens if is_folder else opens()))


def open_store(
    vault: "VaultConfig", credentials: "VaultCredentials", *, prefix: str
) -> "ObjectStore":
    """The obstore store below `prefix`, for code that needs more than the contract.

    Everything is given explicitly, so that neither AWS_… variables nor a metadata service
    (169.254.169.254, which obstore asks when it has no keys) have a say. Retries are the
    caller's: obstore's own are off.
    """
    url = urlsplit(vault.url)
    below = "/".join(part for part in (url.path.strip("/"), prefix) if part)
    if url.scheme == "file":
        return LocalStore(f"/{below}", mkdir=True)
    keys = _key_pair(vault.url, credentials)
    endpoint = vault.endpoint or f"https://s3.{vault.region}.amazonaws.com"
    return S3Store(
        url.netloc,
        prefix=below,
        endpoint=endpoint,
        aws_endpoint_url_s3=endpoint,
        region=vault.region,
        virtual_hosted_style_request=False,
        skip_signature=False,
        conditional_put="etag",
        # One by one: to delete by a list, the library sends a checksum that B2 refuses.
        # https://github.com/iterate-ch/cyberduck/issues/16107
        disable_bulk_delete=True,
        credential_provider=lambda: keys,
        client_options=_client(endpoint, credentials.ca_file),
        retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=PATIENCE_SECONDS)},
    )


def _key_pair(url: str, credentials: "VaultCredentials") -> "S3Credential":
    if not credentials.access_key_id or not credentials.secret_access_key:
        raise BadInput(f"There are no credentials for the vault at {url}")
    return {
        "access_key_id": credentials.access_key_id.get_secret_value(),
        "secret_access_key": credentials.secret_access_key.get_secret_value(),
        "expires_at": None,
    }


def _client(endpoint: str, ca_file: Path | None) -> "ClientConfig":
    client: ClientConfig = {
        "connect_timeout": timedelta(seconds=3),
        "timeout": timedelta(seconds=30),
        "allow_http": endpoint.startswith("http://"),
    }
    if ca_file is not None:
        try:
            client["root_certificate"] = texts.read_authority(ca_file)
        except texts.Unreadable as error:
            raise BadInput(f"The vault's ca_file cannot be read: {error}") from error
    return client


class StoredVault:
    """The contract over one obstore store."""

    def __init__(self, name: str, store: "ObjectStore | Callable[[], ObjectStore]") -> None:
        """`store`: open, or how it is opened at the first request."""
        self._name = name
        self._opened = store

    @cached_property
    def _store(self) -> "ObjectStore":
        if not callable(self._opened):
            return self._opened
        try:
            return self._opened()
        except OSError as error:
            doing, do = "opening its folder", "See that its disk is there, and writable."
            raise VaultUnavailable(self._name, doing, str(error), safe=_SAFE, do=do) from error

    @cached_property
    def _writer(self) -> ObjectWriter:
        return ObjectWriter(self._store)

    @property
    def name(self) -> str:
        return self._name

    def __repr__(self) -> str:
        return f"StoredVault({self._name!r})"

    def put(self, key: str, body: bytes) -> None:
        _patiently(lambda: self._put(key, body))

    def create(self, key: str, body: bytes) -> bool:
        return _patiently(lambda: self._create(key, body))

    def get(self, key: str) -> bytes:
        return _patiently(lambda: self._get(key))

    def list(self, prefix: str = "") -> tuple[str, ...]:
        return _patiently(lambda: self._list(prefix))

    def look(self, prefix: str, *, after: str = "") -> tuple[Seen, ...]:
        return _patiently(lambda: self._look(prefix, after))

    def level(self, folder: str = "") -> Level:
        return _patiently(lambda: self._level(folder))

    def stored(self, key: str) -> bytes:
        return self.get(key)

    def digest(self, key: str, *, seconds: float) -> str | None:
        """In pieces: a whole large object is more than one request may take on a slow line."""
        until, found = time.monotonic() + seconds, hashlib.sha256()
        size = _patiently(lambda: self._size(key))
        for start in range(0, size, PIECE_BYTES):
            if time.monotonic() > until:
                return None
            found.update(_patiently(partial(self._piece, key, start, size)))
        return found.hexdigest()

    def newest(self, prefix: str) -> Newest | None:
        return _patiently(lambda: self._newest(prefix))

    def delete(self, key: str) -> None:
        _patiently(lambda: self._delete(key))

    def _put(self, key: str, body: bytes) -> None:
        with self._failures(f"writing {key}"):
            self._writer.put(key, body)

    def _create(self, key: str, body: bytes) -> bool:
        try:
            with self._failures(f"creating {key}", is_claim=True):
                self._writer.create(key, body)
        except VaultUnavailable as lost:
            # The answer is lost, not necessarily the write: what is there now decides.
            try:
                return self._get(key) == body
            except KeyMissing:
                raise lost from None
        except Taken as conflict:
            # 409 is the answer as well where another write was under way, which may have failed:
            # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
            try:
                return self.get(key) == body
            except KeyMissing:
                raise self._at_odds(f"creating {key}", conflict) from conflict
        return True

    def _get(self, key: str) -> bytes:
        with self._failures(f"reading {key}"):
            try:
                return obstore.get(self._store, key).bytes().to_bytes()
            except FileNotFoundError as error:
                raise KeyMissing(self._name, key) from error

    def _list(self, prefix: str) -> tuple[str, ...]:
        with self._failures(f"listing {prefix or 'everything'}"):
            pages = obstore.list(self._store, prefix or None)
            return tuple(sorted(item["path"] for page in pages for item in page))

    def _look(self, prefix: str, after: str) -> tuple[Seen, ...]:
        with self._failures(f"listing {prefix or 'everything'}"):
            pages = obstore.list(self._store, prefix or None, offset=after or None)
            found = (_seen(item) for page in pages for item in page)
            return tuple(sorted(found, key=lambda one: one.key))

    def _level(self, folder: str) -> Level:
        with self._failures(f"listing {folder or 'everything'}"):
            found = obstore.list_with_delimiter(self._store, folder or None)
        objects = sorted(map(_seen, found["objects"]), key=lambda one: one.key)
        return Level(tuple(sorted(found["common_prefixes"])), tuple(objects))

    def _size(self, key: str) -> int:
        with self._failures(f"looking at {key}"):
            try:
                return obstore.head(self._store, key)["size"]
            except FileNotFoundError as error:
                raise KeyMissing(self._name, key) from error

    def _piece(self, key: str, start: int, size: int) -> bytes:
        end = min(size, start + PIECE_BYTES)
        with self._failures(f"reading {key}"):
            try:
                return obstore.get_range(self._store, key, start=start, end=end).to_bytes()
            except FileNotFoundError as error:
                raise KeyMissing(self._name, key) from error

    def _newest(self, prefix: str) -> Newest | None:
        with self._failures(f"listing {prefix}"):
            found = obstore.list_with_delimiter(self._store, prefix)
        folders = sorted(found["common_prefixes"])
        if folders:
            return self._newest(folders[-1])
        objects = found["objects"]
        if not objects:
            return None
        at = max(item["last_modified"] for item in objects)
        return Newest(at, max(item["path"] for item in objects))

    def _delete(self, key: str) -> None:
        with self._failures(f"deleting {key}"), contextlib.suppress(FileNotFoundError):
            obstore.delete(self._store, key)

    @contextlib.contextmanager
    def _failures(self, doing: str, *, is_claim: bool = False) -> Iterator[None]:
        """obstore's errors as failures, its pages of debugging left out. That something is there
        is an answer to a claim alone: else it is a conflict of this moment."""
        try:
            yield
        except BaseError as error:
            where, code = (self._name, doing, told(error)), code_of(error)
            match meaning(error):
                case Meaning.TAKEN if is_claim:
                    raise Taken from error
                case Meaning.TAKEN | Meaning.OUTAGE:
                    raise VaultUnavailable(
                        *where, safe=_SAFE, do=_ONCE_IT_ANSWERS, code=code
                    ) from error
                case refusal:
                    way = _WAYS[refusal]
                    raise VaultRefused(*where, safe=_SAFE, do=way, code=code) from error

    def _at_odds(self, doing: str, conflict: Taken) -> VaultUnavailable:
        """Another write was under way: asking again is the way. Or the store means it so."""
        said = "another write of it was under way, and nothing is there"
        kind = CreateRefused if is_condition(conflict.__cause__) else VaultUnavailable
        return kind(self._name, doing, said, safe=_SAFE, do=_ONCE_IT_ANSWERS)


def _seen(item: "ObjectMeta") -> Seen:
    return Seen(item["path"], item["size"], item["last_modified"])
