"""moto's S3 behind TLS, in a thread of this process: a second make of store, which knows locks.

In front of moto stands what it lacks. It looks whether an object is there and writes it later, with
nothing in between that stops another write: requests are let through one by one. Signatures,
checksums and what locked buckets demand are checked as S3 does.
"""

import base64
import hashlib
import re
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.credentials import Credentials
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber
from pydantic import SecretStr
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.vault import Vault, open_vault
from liferaft_sandbox.vendors.certificates import Authority

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

REGION = "us-east-1"
_SIGNED = re.compile(r"Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)")


@dataclass(frozen=True)
class Heard:
    """One request, as it came over the wire. Header names in lower case."""

    method: str
    target: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def bucket(self) -> str:
        return self.path.split("/")[1]

    @property
    def key(self) -> str:
        return self.path.split("/", 2)[-1]

    @property
    def is_write(self) -> bool:
        """Of an object or a part."""
        return self.method == "PUT" and self.path.count("/") > 1

    @property
    def later_checksums(self) -> Sequence[str]:
        return [name for name in self.headers if name.startswith("x-amz-checksum-")]

    @property
    def checksums(self) -> Mapping[str, str]:
        """What it says of its body, by the header's name."""
        return {
            name: text
            for name, text in self.headers.items()
            if name in ("content-md5", *self.later_checksums)
        }


@dataclass
class MotoStore:
    url: str
    ca_file: Path
    key: str
    secret: str = field(repr=False)
    heard: list[Heard] = field(default_factory=list)
    """Every request, the refused ones as well."""
    locked: set[str] = field(default_factory=set)
    """Buckets that lock what is written there."""
    knows_md5_alone: bool = False
    """As B2: S3's later checksums are refused."""
    ignores_conditions: bool = False
    """As Google's, to which `If-None-Match` says nothing where something is written:
    https://docs.cloud.google.com/storage/docs/request-preconditions"""
    others: dict[str, tuple[str, Sequence[str]]] = field(default_factory=dict)
    """Of further keys, by id: the secret, and which methods it may use, each followed by a pattern
    of paths where it may do so below these alone."""
    refuses_deletes: bool = False
    """As stores do that lock objects themselves and not their versions."""

    def client(self) -> Any:
        return boto3.client(
            "s3",
            region_name=REGION,
            endpoint_url=self.url,
            verify=str(self.ca_file),
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(s3={"addressing_style": "path"}),
        )

    def vault(self, bucket: str, prefix: str) -> Vault:
        config = VaultConfig(url=f"s3://{bucket}", endpoint=self.url)
        credentials = VaultCredentials(SecretStr(self.key), SecretStr(self.secret), self.ca_file)
        return open_vault("main", config, credentials, prefix=prefix)

    def make_bucket(self, name: str) -> None:
        self.client().create_bucket(Bucket=name)

    def make_locked_bucket(self, name: str) -> None:
        """What is written there can be deleted by nobody for a day."""
        s3 = self.client()
        self.locked.add(name)
        s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
        s3.put_object_lock_configuration(
            Bucket=name,
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule},
        )


@contextmanager
def moto_store(folder: Path, *, key: str, secret: str) -> Iterator[MotoStore]:
    """`folder` takes its certificate, of an authority of its own."""
    authority = Authority("moto")
    authority.issue("localhost", folder)
    (folder / "ca.pem").write_bytes(authority.root())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    store = MotoStore("", folder / "ca.pem", key, secret)
    handler = type("Handler", (_Quiet,), {"tls": tls})
    get_backend("s3").reset()
    with ExitStack() as stack:
        server = make_server("localhost", 0, _Front(store), threaded=True, request_handler=handler)
        store.url = f"https://localhost:{server.port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        stack.callback(server.server_close)
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield store


class _Front:
    def __init__(self, store: MotoStore) -> None:
        self._store = store
        self._moto = BotocoreStubber()
        self._one = threading.Lock()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        request = Request(environ)
        target = environ["REQUEST_URI"]
        headers = {name.lower(): text for name, text in request.headers.items()}
        query = parse_qs(request.query_string.decode(), keep_blank_values=True)
        heard = Heard(request.method, target, request.path, query, headers, request.get_data())
        with self._one:
            self._store.heard.append(heard)
            answer = self._refusal(heard) or self._answer(heard)
        return answer(environ, start_response)

    def _answer(self, heard: Heard) -> Response:
        headers = HTTPHeaders()
        for name, text in heard.headers.items():
            if name != "if-none-match" or not self._store.ignores_conditions:
                headers[name] = text
        if heard.later_checksums:
            # moto goes by the header that SDKs add, S3 by the checksum itself:
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
            headers["x-amz-sdk-checksum-algorithm"] = "SHA256"
        url = f"https://s3.{REGION}.amazonaws.com{heard.target}"
        asked = AWSPreparedRequest(heard.method, url, headers, heard.body, stream_output=False)
        result = self._moto.process_request(asked)
        assert result is not None, "moto takes whatever is asked of S3"
        status, said, body = result
        answer = Response(body, status, {name: str(text) for name, text in said.items()})
        if heard.method == "HEAD":
            answer.headers["Content-Length"] = str(said.get("content-length", 0))
        return answer

    def _refusal(self, heard: Heard) -> Response | None:
        if not self._is_signed(heard) or not self._may(heard):
            code = "AccessDenied" if self._is_signed(heard) else "SignatureDoesNotMatch"
            return _error(403, code, "The signature is another, or the key may not.")
        if self._store.knows_md5_alone and heard.later_checksums:
            # https://github.com/iterate-ch/cyberduck/issues/16107
            message = f"Unsupported header '{heard.later_checksums[0]}' received for this API call."
            return _error(400, "InvalidArgument", message)
        if self._store.refuses_deletes and heard.method == "DELETE":
            return _error(403, "AccessDenied", "The object is locked.")
        if not _is_as_summed(heard):
            return _error(400, "BadDigest", "The checksum is another.")
        if heard.bucket in self._store.locked and heard.is_write and not heard.checksums:
            # Seen at AWS and at B2, of parts as well; moto demands nothing of those.
            # https://github.com/apache/arrow-rs-object-store/issues/190
            # https://github.com/s3tools/s3cmd/issues/1436
            of = "Put Part" if "partNumber" in heard.query else "Put Object"
            message = f"Content-MD5 OR x-amz-checksum- HTTP header is required for {of} requests"
            message = f"{message} with Object Lock parameters"
            return _error(400, "InvalidRequest", message)
        return None

    def _may(self, heard: Heard) -> bool:
        found = _SIGNED.search(heard.headers.get("authorization", ""))
        ident = found[1].partition("/")[0] if found else ""
        _, allowed = self._store.others.get(ident, ("", (heard.method,)))
        asked = f"{heard.method} {heard.path}"
        return any(one == heard.method or re.fullmatch(one, asked) for one in allowed)

    def _is_signed(self, heard: Heard) -> bool:
        found = _SIGNED.search(heard.headers.get("authorization", ""))
        if found is None:
            return False
        signed = AWSRequest(heard.method, f"{self._store.url}{heard.target}")
        for name in found[2].split(";"):
            signed.headers[name] = heard.headers.get(name, "")
        signed.context["timestamp"] = heard.headers.get("x-amz-date", "")
        ident = found[1].partition("/")[0]
        secret, _ = self._store.others.get(ident, (self._store.secret, ()))
        auth = S3SigV4Auth(Credentials(ident, secret), "s3", REGION)
        text = auth.string_to_sign(signed, auth.canonical_request(signed))
        return auth.signature(text, signed) == found[3]


def _is_as_summed(heard: Heard) -> bool:
    sums = {
        "content-md5": hashlib.md5(heard.body),  # noqa: S324  # what S3 asks for
        "x-amz-checksum-sha256": hashlib.sha256(heard.body),
    }
    return all(
        text == base64.b64encode(sums[name].digest()).decode()
        for name, text in heard.checksums.items()
        if name in sums
    )


def _error(status: int, code: str, message: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, mimetype="application/xml")


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    tls: ssl.SSLContext

    def setup(self) -> None:
        """TLS begins in the thread of its connection: one that is slow holds up no other."""
        self.request = self.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        """Say the end of TLS: pgBackRest takes an answer for broken off without it."""
        super().finish()
        with suppress(OSError):
            self.connection.settimeout(1)
            self.connection.unwrap()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
