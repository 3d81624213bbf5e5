"""What stores call their headers, and how a request is signed: S3's way and Google's.

Google's stores take requests in S3's words too, but know no condition for them: that an object is
only to be created can be said in Google's own words alone.
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
https://cloud.google.com/storage/docs/authentication/signatures
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True)
class Dialect:
    """One store's words."""

    prefix: str
    """Of its own headers: `x-amz-`."""
    algorithm: str
    vendor: str
    """What the signing key begins with."""
    service: str
    closing: str
    create_only: tuple[str, str]
    """The header with which a store refuses to replace what is there."""
    encodings: str
    """What Accept-Encoding has to say for content to come as it is kept."""

    @property
    def meta(self) -> str:
        """What the names of user metadata begin with."""
        return f"{self.prefix}meta-"


S3 = Dialect(
    "x-amz-",
    "AWS4-HMAC-SHA256",
    "AWS4",
    "s3",
    "aws4_request",
    create_only=("if-none-match", "*"),
    encodings="identity",
)
GOOGLE = Dialect(
    "x-goog-",
    "GOOG4-HMAC-SHA256",
    "GOOG4",
    "storage",
    "goog4_request",
    create_only=("x-goog-if-generation-match", "0"),
    # Without, what is kept as gzip is unpacked on its way.
    # https://cloud.google.com/storage/docs/transcoding
    encodings="gzip",
)


def spoken_at(url: str) -> Dialect:
    """The dialect is told by the host's name: the same store answers to both, and keeps the promise
    in one only."""
    host = urlsplit(url).hostname or ""
    own = host == "storage.googleapis.com" or host.endswith(".storage.googleapis.com")
    return GOOGLE if own else S3


@dataclass(frozen=True)
class StoreKeys:
    access_key: str
    secret_key: str = field(repr=False)
    region: str


@dataclass(frozen=True)
class Asked:
    """What of a request is signed."""

    method: str
    path: str
    """Percent-encoded, as it goes over the wire: no dot or slash of it is anybody's to tidy."""
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    """All of them, names in lower case, `host` among them."""
    payload: str
    """SHA-256 of the body in hexadecimal, or UNSIGNED."""

    @property
    def target(self) -> str:
        return f"{self.path}?{self._query}" if self.query else self.path

    @property
    def _query(self) -> str:
        pairs = ((quote(name, safe=""), quote(value, safe="")) for name, value in self.query)
        return "&".join(f"{name}={value}" for name, value in sorted(pairs))

    def canonical(self, names: Sequence[str]) -> bytes:
        # Header texts stand for bytes one by one, so that what a store gave goes back the same.
        # Blanks alone are joined: a byte A0 or 85, white space as a character, is part of one here.
        headers = "".join(
            f"{name}:{' '.join(filter(None, self.headers[name].split(' ')))}\n" for name in names
        )
        lines = (self.method, self.path, self._query, headers, ";".join(names), self.payload)
        return "\n".join(lines).encode("latin-1")


def signed(asked: Asked, dialect: Dialect, keys: StoreKeys, now: datetime) -> dict[str, str]:
    """All headers of the request, the signature among them."""
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    day = moment.partition("T")[0]
    headers = {
        **asked.headers,
        f"{dialect.prefix}date": moment,
        f"{dialect.prefix}content-sha256": asked.payload,
    }
    names = sorted(name for name in headers if name == "host" or name.startswith(dialect.prefix))
    whole = Asked(asked.method, asked.path, asked.query, headers, asked.payload).canonical(names)
    scope = f"{day}/{keys.region}/{dialect.service}/{dialect.closing}"
    digest = hashlib.sha256(whole).hexdigest()
    text = f"{dialect.algorithm}\n{moment}\n{scope}\n{digest}"
    signature = hmac.digest(_signing_key(dialect, keys, day), text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"{dialect.algorithm} Credential={keys.access_key}/{scope},"
        f"SignedHeaders={';'.join(names)},Signature={signature}"
    )
    return headers


@lru_cache(maxsize=8)
def _signing_key(dialect: Dialect, keys: StoreKeys, day: str) -> bytes:
    key = f"{dialect.vendor}{keys.secret_key}".encode()
    for part in (day, keys.region, dialect.service, dialect.closing):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
