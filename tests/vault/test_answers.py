"""Stores that answer otherwise than the vault hopes: what is told, and what is asked again."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
import stamina
from pydantic import SecretStr

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.vault import Vault, VaultRefused, open_vault, require_witness
from liferaft.vault.contract import CreateRefused
from liferaft.vault.store import ATTEMPTS
from liferaft_sandbox.vendors.certificates import Authority


class Answering(BaseHTTPRequestHandler):
    """A store that answers writes by what it was told to, in turn, and then does them."""

    answers: ClassVar[list[tuple[int, str]]] = []
    objects: ClassVar[dict[str, bytes]] = {}
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:  # the name that http.server calls
        body = self.rfile.read(int(self.headers["content-length"]))
        status, code = self.answers.pop(0) if self.answers else (200, "")
        if status == 200 and self.headers["if-none-match"] == "*" and self.path in self.objects:
            status, code = 412, "PreconditionFailed"
        if status == 200:
            self.objects[self.path] = body
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode() if code else b"")

    def do_DELETE(self) -> None:  # the name that http.server calls
        status, code = self.answers.pop(0) if self.answers else (204, "")
        self._answer(status, f"<Error><Code>{code}</Code></Error>".encode() if code else b"")

    def do_GET(self) -> None:  # the name that http.server calls
        body = self.objects.get(self.path.partition("?")[0])
        self._answer(404 if body is None else 200, body or b"<Error><Code>NoSuchKey</Code></Error>")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("etag", '"x"')
        self.send_header("last-modified", "Sun, 22 Nov 2026 14:00:00 GMT")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in the base class
        pass


@pytest.fixture(autouse=True)
def _at_once() -> Iterator[None]:
    """What is asked again is asked again at once."""
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@contextmanager
def served(
    answers: list[tuple[int, str]], tls: ssl.SSLContext | None = None, ca_file: Path | None = None
) -> Iterator[Vault]:
    handler = type("Handler", (Answering,), {"answers": answers, "objects": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        scheme = "http" if tls is None else "https"
        try:
            yield open_vault(
                "main",
                VaultConfig(
                    url="s3://bucket", endpoint=f"{scheme}://localhost:{server.server_port}"
                ),
                VaultCredentials(SecretStr("id"), SecretStr("key"), ca_file),
                prefix="chirp",
            )
        finally:
            server.shutdown()
            thread.join()


def test_a_store_that_knows_no_conditional_write_is_refused_at_once_and_is_no_outage() -> None:
    """As Backblaze B2 answers."""
    asked = [(501, "NotImplemented")] * 8
    with (
        served(asked) as vault,
        pytest.raises(VaultRefused, match="501 Not Implemented: NotImplemented") as caught,
    ):
        require_witness(vault)
    assert "another vendor" in caught.value.facts.do
    assert len(asked) == 7, "it was asked once"


def test_a_conflict_that_leaves_nothing_there_is_asked_again_and_not_taken_for_anothers() -> None:
    """As AWS answers where a delete or another write was under way."""
    with served([(409, "ConditionalRequestConflict")] * 2) as vault:
        assert vault.create("epoch/00000001", b"mine") is True
        assert vault.get("epoch/00000001") == b"mine"


def test_a_conflict_that_another_writer_has_won_is_anothers() -> None:
    conflicts: list[tuple[int, str]] = []
    with served(conflicts) as vault:
        assert vault.create("epoch/00000001", b"theirs") is True
        conflicts.append((409, "ConditionalRequestConflict"))
        assert vault.create("epoch/00000001", b"mine") is False


def test_a_store_that_creates_nothing_where_nothing_is_decides_nothing_there() -> None:
    """As Versity's gateway answers where a delete marker hides what was there."""
    hidden = [(412, "PreconditionFailed")] * ATTEMPTS
    with served(hidden) as vault, pytest.raises(CreateRefused):
        vault.create("epoch/00000001", b"mine")
    assert not Answering.objects


def test_a_conflict_of_what_is_no_claim_is_asked_again() -> None:
    conflict = (409, "OperationAborted")
    answers = [conflict]
    with served(answers) as vault:
        vault.put("pins/a", b"mine")
        assert vault.get("pins/a") == b"mine"
        answers.append(conflict)
        vault.delete("pins/a")
        assert not answers


@pytest.mark.parametrize(
    ("name", "is_trusted", "told"),
    [
        ("localhost", False, "nobody whom this computer trusts has signed it"),
        ("other.example", True, "it is another name's"),
    ],
)
def test_a_certificate_that_is_not_accepted_is_told_with_its_reason_and_is_no_outage(
    tmp_path: Path, name: str, is_trusted: bool, told: str
) -> None:
    authority = Authority("store")
    authority.issue(name, tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes((authority if is_trusted else Authority("another")).root())
    with served([], tls, ca_file) as vault, pytest.raises(VaultRefused) as caught:
        vault.get("epoch/00000001")
    facts = caught.value.facts
    assert facts.happened.endswith(f"its certificate is not accepted: {told}")
    assert "ca_file" in facts.do


@pytest.mark.parametrize(
    ("status", "code", "told", "do"),
    [
        (403, "RequestTimeTooSkewed", "this computer's clock is off", "computer's clock"),
        (507, "XMinioStorageFull", "it is full", "snapshot prune"),
        (400, "XMinioAdminBucketQuotaExceeded", "its quota is used up", "the store's quota"),
        (403, "QuotaExceeded", "its quota is used up", "the store's quota"),
    ],
)
def test_a_clock_that_is_off_and_a_full_store_are_told_in_our_words_and_not_asked_again(
    status: int, code: str, told: str, do: str
) -> None:
    asked = [(status, code)] * 2
    with served(asked) as vault, pytest.raises(VaultRefused, match=told) as caught:
        vault.put("pins/a", b"mine")
    assert do in caught.value.facts.do
    assert len(asked) == 1, "it was asked once"
