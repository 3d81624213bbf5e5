import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.serving import serving

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.failures import BadInput
from liferaft.vault import (
    KeyMissing,
    Seen,
    StoredVault,
    Vault,
    VaultRefused,
    VaultUnavailable,
    open_vault,
)
from liferaft.vault.store import PIECE_BYTES


class Losing(BaseHTTPRequestHandler):
    """A store that does what it is asked, and whose answers to writes are lost on the way."""

    objects: dict[str, bytes]
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:  # the name that http.server calls
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.headers["if-none-match"] == "*":
            self.objects.setdefault(self.path, body)
        else:
            self.objects[self.path] = body
        self.close_connection = True

    def do_GET(self) -> None:  # the name that http.server calls
        body = self.objects.get(self.path)
        self.send_response(404 if body is None else 200)
        self.send_header("content-length", str(len(body or b"")))
        self.send_header("etag", '"x"')
        self.send_header("last-modified", "Sun, 22 Nov 2026 14:00:00 GMT")
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in the base class
        pass


@pytest.fixture
def losing() -> Iterator[Vault]:
    handler = type("Handler", (Losing,), {"objects": {}})
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as server:
        yield open_vault(
            "main",
            VaultConfig(url="s3://bucket", endpoint=f"http://127.0.0.1:{server.server_port}"),
            VaultCredentials(SecretStr("id"), SecretStr("key")),
            prefix="chirp",
        )


def test_a_create_whose_answer_was_lost_is_settled_by_reading_back(losing: Vault) -> None:
    assert losing.create("epoch/00000001", b"mine") is True
    assert losing.create("epoch/00000001", b"theirs") is False
    assert losing.get("epoch/00000001") == b"mine"


def test_a_bucket_without_credentials_is_not_opened() -> None:
    with pytest.raises(BadInput, match="no credentials"):
        open_vault("main", VaultConfig(url="s3://bucket"), VaultCredentials(), prefix="chirp")


def test_an_authority_that_cannot_be_read_is_bad_input(tmp_path: Path) -> None:
    credentials = VaultCredentials(SecretStr("id"), SecretStr("key"), tmp_path / "absent")
    with pytest.raises(BadInput, match="ca_file"):
        open_vault("main", VaultConfig(url="s3://bucket"), credentials, prefix="chirp")


def test_a_folder_that_cannot_be_opened_is_a_vault_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    config = VaultConfig(url=f"file://{tmp_path}/file")
    vault = open_vault("disk", config, VaultCredentials(), prefix="chirp")
    with pytest.raises(VaultUnavailable, match="Vault disk: opening its folder"):
        vault.list()
    (tmp_path / "file").unlink()
    assert vault.list() == ()


def test_keys_of_two_apps_in_one_vault_are_apart(tmp_path: Path) -> None:
    config = VaultConfig(url=f"file://{tmp_path}")
    one = open_vault("main", config, VaultCredentials(), prefix="one")
    two = open_vault("main", config, VaultCredentials(), prefix="two")
    one.put("a", b"x")
    assert two.list() == ()
    assert (tmp_path / "one/a").read_bytes().endswith(b"\nx")


class Refusing(BaseHTTPRequestHandler):
    """A store that knows neither us nor our bucket."""

    def do_GET(self) -> None:  # the name that http.server calls
        body = b"<?xml version='1.0'?><Error><Code>NoSuchBucket</Code></Error>"
        self.send_response(404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as in the base class
        pass


def test_a_refused_listing_is_a_refusal_told_in_the_stores_own_code() -> None:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Refusing)) as server:
        vault = open_vault(
            "main",
            VaultConfig(url="s3://bucket", endpoint=f"http://127.0.0.1:{server.server_port}"),
            VaultCredentials(SecretStr("id"), SecretStr("key")),
            prefix="chirp",
        )
        with pytest.raises(VaultRefused) as caught:
            vault.list("runs")
    facts = caught.value.facts
    assert facts.happened == "Vault main: listing runs: HTTP 404 Not Found: NoSuchBucket"
    assert "bucket exists" in facts.do


def test_a_refusal_is_not_an_outage() -> None:
    assert not issubclass(VaultRefused, VaultUnavailable)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1])
def test_a_large_object_is_summed_in_pieces_and_given_up_in_time(
    vault: StoredVault, size: int
) -> None:
    body = hashlib.shake_256(b"x").digest(size)
    vault.put("large", body)
    assert vault.digest("large", seconds=60.0) == hashlib.sha256(body).hexdigest()
    if size:
        assert vault.digest("large", seconds=-1.0) is None
    with pytest.raises(KeyMissing):
        vault.digest("none", seconds=60.0)


def test_a_look_tells_sizes_and_begins_after_a_key(vault: StoredVault) -> None:
    for name in ("a", "b", "c"):
        vault.put(f"look/{name}", name.encode() * 3)
    assert vault.look("look", after="look/a") == (Seen("look/b", 3), Seen("look/c", 3))
    assert vault.look("nowhere") == ()
