"""A store that is strict about S3: any key is as good as another, and every signature is checked.

Real stores that can be run here keep objects in folders, and take not every key that S3 takes. What
this one answers is S3's own API reference: https://docs.aws.amazon.com/AmazonS3/latest/API/
Signatures are checked with botocore, which is nobody's of ours.
"""

import hashlib
import secrets
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote_plus, unquote_to_bytes

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.data.flat_things import Buckets, Thing, Things, folded
from tests.serving import serving

_CONTENT = ("disposition", "encoding", "language", "type")
KEPT = ("cache-control", "expires", *(f"content-{name}" for name in _CONTENT))
OWNER = "<Grant><Grantee><ID>owner</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant>"
EVERYBODY = "<Grant><Grantee><URI>AllUsers</URI></Grantee><Permission>READ</Permission></Grant>"


@dataclass
class Upload:
    """Of an object that comes in parts."""

    bucket: str
    key: str
    headers: dict[str, str] = field(default_factory=dict)
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal(Exception):
    status: int
    code: str
    message: str = "no"


class Asked(NamedTuple):
    method: str
    bucket: str
    key: str


@dataclass
class FlatStore:
    """Buckets come into being when they are written to."""

    url: str
    key: str = "flat-key"
    secret: str = "flat-secret-91bb"
    region: str = "us-east-1"
    honours_conditions: bool = True
    locked: set[str] = field(default_factory=set)
    """Buckets that lock what comes into them, and so demand a checksum of each body."""
    buckets: Buckets = field(default_factory=dict)
    takes_parts: bool = True
    tells_time: bool = True
    uploads: dict[str, Upload] = field(default_factory=dict)
    """Those under way."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, target and headers of every request."""
    spelt: Callable[[str], str] = str
    """How it calls what is asked for by a key: folders on a disk have names of their own."""
    folds: bool = False
    """Keys that end in a slash are folders: what they hold is dropped."""
    before: Callable[[Asked], None] = lambda _: None
    """Called before each is answered; may raise Refusal, and ConnectionResetError to break off."""
    lock: Lock = field(default_factory=Lock)

    def bucket(self, name: str) -> dict[str, Thing]:
        return self.buckets.setdefault(name, Things())

    def put(self, bucket: str, key: str, body: bytes = b"", **headers: str) -> None:
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        self.bucket(bucket)[key] = Thing(body, named, hashlib.md5(body).hexdigest())  # noqa: S324  # what S3 calls an ETag

    def check(self, handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers["authorization"] or ""
        parts = dict(part.strip().split("=", 1) for part in given.split(" ", 1)[1].split(","))
        signed = parts["SignedHeaders"].split(";")
        request = AWSRequest(handler.command, f"{self.url}{handler.path}")
        for name in signed:
            request.headers[name] = handler.headers[name].encode("latin-1").decode()
        request.context["timestamp"] = handler.headers["x-amz-date"]
        auth = S3SigV4Auth(Credentials(self.key, self.secret), "s3", self.region)
        canonical = auth.canonical_request(request)
        expected = auth.signature(auth.string_to_sign(request, canonical), request)
        unsigned = {name for name in handler.headers if name.lower().startswith("x-amz-")}
        if parts["Signature"] != expected or {name.lower() for name in unsigned} - set(signed):
            raise Refusal(403, "SignatureDoesNotMatch")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """An answer goes in two: else its body waits until who asked has confirmed its head."""
    store: FlatStore

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        bucket, _, key = unquote_to_bytes(path[1:]).decode().partition("/")
        asked = dict(parse_qsl(query, keep_blank_values=True))
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.store.asked.append((self.command, self.path, headers))
        try:
            self.store.check(self)
            self.store.before(Asked(self.command, bucket, key))
            _check_sum(headers, body, self.command == "PUT" and bucket in self.store.locked)
            status, said, more = self._done(bucket, self.store.spelt(key), asked, headers, body)
        except ConnectionResetError:
            self.close_connection = True
            return
        except Refusal as refusal:
            text = f"<Error><Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error>"
            status, said, more = refusal.status, text.encode(), {}
        self.send_response_only(status)
        times = {"Date": self.date_time_string()} if self.store.tells_time else {}
        for name, value in {"Content-Length": str(len(said)), **times, **more}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said)

    def __getattr__(self, name: str) -> Any:
        """What the server calls for each method."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _done(
        self, bucket: str, key: str, asked: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        things = self.store.bucket(bucket)
        if "uploads" in asked or "uploadId" in asked:
            return self._in_parts(bucket, key, asked, headers, body)
        if not key:
            if "ownershipControls" in asked:
                raise Refusal(404, "OwnershipControlsNotFoundError")
            return 200, _listing(things, asked), {}
        if self.command == "PUT":
            return self._put(things, key, headers, body)
        if self.command == "DELETE":
            things.pop(key, None)
            return 204, b"", {}
        thing = things.get(key)
        if thing is None:
            raise Refusal(404, "NoSuchKey")
        if "acl" in asked:
            public = EVERYBODY * thing.public
            grants = f"<AccessControlList>{OWNER}{public}</AccessControlList>"
            return 200, f"<AccessControlPolicy>{grants}</AccessControlPolicy>".encode(), {}
        if thing.archived:
            raise Refusal(403, "InvalidObjectState")
        since = formatdate(thing.modified, usegmt=True)
        return 200, thing.body, {"ETag": f'"{thing.etag}"', "Last-Modified": since, **thing.headers}

    def _in_parts(
        self, bucket: str, key: str, asked: dict[str, str], headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        uploads = self.store.uploads
        if not self.store.takes_parts:
            raise Refusal(501, "NotImplemented")
        if self.command == "GET":
            return 200, _uploads(uploads, bucket, asked["prefix"]), {}
        if "uploads" in asked:
            name = secrets.token_hex(8)
            uploads[name] = Upload(bucket, key, headers)
            return 200, f"<R><UploadId>{name}</UploadId></R>".encode(), {}
        upload = uploads.get(asked["uploadId"])
        if upload is None or (upload.bucket, upload.key) != (bucket, key):
            raise Refusal(404, "NoSuchUpload")
        if self.command == "PUT":
            upload.parts[int(asked["partNumber"])] = body
            return 200, b"", {"ETag": f'"{len(upload.parts)}"'}
        if self.command == "POST":
            whole = b"".join(part for _, part in sorted(upload.parts.items()))
            said = {**upload.headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
            condition = {"if-none-match": headers.get("if-none-match", "")}
            self._put(self.store.bucket(bucket), key, {**said, **condition}, whole)
        del uploads[asked["uploadId"]]
        return 200, b"", {}

    def _put(
        self, things: dict[str, Thing], key: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        if len(key.encode()) > 1024:
            raise Refusal(400, "KeyTooLongError")
        given = headers["x-amz-content-sha256"]
        if given not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
            raise Refusal(400, "XAmzContentSHA256Mismatch")
        kept = {
            name: text
            for name, text in headers.items()
            if name in KEPT or name.startswith("x-amz-meta-")
        }
        with self.store.lock:
            create_only = headers.get("if-none-match") == "*" and self.store.honours_conditions
            if create_only and key in things:
                raise Refusal(412, "PreconditionFailed")
            if self.store.folds and key.endswith("/"):
                body = b""
            things[key] = Thing(body, kept, hashlib.md5(body).hexdigest())  # noqa: S324  # what S3 calls an ETag
        return 200, b"", {}


def _check_sum(headers: dict[str, str], body: bytes, demanded: bool) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html, at Content-MD5"""
    given = headers.get("content-md5")
    if given is None and demanded:
        raise Refusal(400, "InvalidRequest", "Content-MD5 OR x-amz-checksum- is required")
    if given not in (None, b64encode(hashlib.md5(body).digest()).decode()):  # noqa: S324  # as above
        raise Refusal(400, "BadDigest")


def _listing(things: dict[str, Thing], asked: dict[str, str]) -> bytes:
    assert asked["list-type"] == "2"
    assert asked["encoding-type"] == "url"
    prefix, after = asked.get("prefix", ""), bytes.fromhex(asked.get("continuation-token", ""))
    if isinstance(things, Things):
        keys = things.after(after, prefix, 1001)
    else:
        keys = sorted(
            (key for key in list(things) if key.startswith(prefix) and key.encode() > after),
            key=str.encode,
        )
    if asked.get("delimiter"):
        keys = folded(things, prefix, asked["delimiter"], after)
    page, more = keys[:1000], len(keys) > 1000
    rows = "".join(_row(key, things[key]) for key in page if key in things)
    rows += "".join(
        f"<CommonPrefixes><Prefix>{quote_plus(key)}</Prefix></CommonPrefixes>"
        for key in page
        if key not in things
    )
    token = (
        f"<NextContinuationToken>{page[-1].encode().hex()}</NextContinuationToken>" if more else ""
    )
    return (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<EncodingType>url</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
        f"{token}{rows}</ListBucketResult>"
    ).encode()


def _uploads(uploads: dict[str, Upload], bucket: str, prefix: str) -> bytes:
    rows = "".join(
        f"<Upload><Key>{quote_plus(one.key)}</Key><UploadId>{name}</UploadId>"
        f"<Initiated>{one.begun:%Y-%m-%dT%H:%M:%S.000Z}</Initiated></Upload>"
        for name, one in uploads.items()
        if one.bucket == bucket and one.key.startswith(prefix)
    )
    return f"<R><EncodingType>url</EncodingType>{rows}</R>".encode()


def _row(key: str, thing: Thing) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(thing.modified))
    return (
        f"<Contents><Key>{quote_plus(key)}</Key><ETag>&quot;{thing.etag}&quot;</ETag>"
        f"<Size>{len(thing.body)}</Size>"
        f"<LastModified>{seconds}.{int(thing.modified % 1 * 1000):03}Z</LastModified></Contents>"
    )


@contextmanager
def flat_store() -> Iterator[FlatStore]:
    class Handler(_Handler):
        pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        """Whoever finds no place in it tries again a second later."""

        def handle_error(self, *_: Any) -> None:
            """A client that is killed is no error here."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    store = FlatStore(f"http://127.0.0.1:{server.server_port}")
    Handler.store = store
    with serving(server):
        yield store
