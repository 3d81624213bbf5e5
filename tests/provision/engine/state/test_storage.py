"""Where the state rests."""

from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import stamina
from tests.serving import serving

from liferaft.provision.engine.contract import Request, StateLocation
from liferaft.provision.engine.faults import EngineLacks, StateUnreachable
from liferaft.provision.engine.state.storage import META, Storage


def storage(tmp_path: Path) -> Storage:
    return Storage(StateLocation(f"file://{tmp_path}/state"))


async def test_an_object_is_written_read_listed_and_removed(tmp_path: Path) -> None:
    place = storage(tmp_path)
    assert await place.read("a/b.json") is None
    await place.write("a/b.json", b"one")
    await place.write("a/b.json", b"two")
    assert await place.read("a/b.json") == b"two"
    assert await place.list("a") == ["a/b.json"]
    assert [p.name for p in (tmp_path / "state/a").iterdir()] == ["b.json"]
    await place.remove("a/b.json")
    await place.remove("a/b.json")
    assert await place.list("a") == []


async def test_a_state_of_an_older_layout_is_refused(tmp_path: Path) -> None:
    place = storage(tmp_path)
    await place.prepare()
    await place.prepare()
    await place.write(META, b"version: 0\n")
    with pytest.raises(EngineLacks, match=r"meta\.yaml"):
        await place.prepare()


async def test_a_store_that_refuses_is_told_with_the_place_and_without_its_keys() -> None:
    options = {
        "endpoint": "http://127.0.0.1:9",
        "access_key_id": "k",
        "secret_access_key": "hidden",
        "virtual_hosted_style_request": "false",
    }
    location = StateLocation("s3://vault/state", options)
    with stamina.set_testing(True), pytest.raises(StateUnreachable) as error:
        await Storage(location).read("dev.json")
    assert "dev.json at s3://vault/state" in error.value.facts.happened
    assert "hidden" not in repr(error.value.facts) + repr(location)


class Bucket(BaseHTTPRequestHandler):
    """Knows no object, and remembers what it was asked."""

    asked: ClassVar[list[tuple[str, Mapping[str, str]]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Not on the screen."""


async def test_the_state_goes_to_its_bucket_whatever_the_cloud_variables_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the-clouds-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-clouds-token")
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Bucket)) as server:
        options = {
            "endpoint": f"http://127.0.0.1:{server.server_port}",
            "access_key_id": "our-key",
            "secret_access_key": "hidden",
        }
        place = Storage(StateLocation("s3://vault/chirp/state", options))
        assert await place.read(META) is None
    ((path, headers),) = Bucket.asked
    assert path == "/vault/chirp/state/.pulumi/meta.yaml"
    assert "Credential=our-key/" in headers["authorization"]
    assert "the-clouds" not in str(headers)


def test_a_request_shows_no_secret() -> None:
    request = Request(
        program=Path(),
        project="p",
        stack="s",
        state=StateLocation("file:///x", {"secret_access_key": "hidden"}),
        passphrase="hidden",
        secret_config={"p:token": "hidden"},
        environment={"TOKEN": "hidden"},
    )
    assert "hidden" not in repr(request)


class KeepsOpen(Bucket):
    """Holds its connections open, and knows how many it was asked over."""

    protocol_version = "HTTP/1.1"
    asked_by: ClassVar[list[object]] = []

    def do_GET(self) -> None:
        self.asked_by.append(self.client_address)
        super().do_GET()


async def test_a_place_is_asked_over_the_same_connection_by_all_who_ask_it() -> None:
    """Each new one costs three round trips before the first question."""
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), KeepsOpen)) as server:
        options = {
            "endpoint": f"http://127.0.0.1:{server.server_port}",
            "access_key_id": "our-key",
            "secret_access_key": "hidden",
        }
        place = StateLocation("s3://vault/chirp/state", options)
        for _ in range(3):
            assert await Storage(place).read(META) is None
    assert len(KeepsOpen.asked_by) == 3
    assert len(set(KeepsOpen.asked_by)) == 1


class Unknowing(Bucket):
    """Knows no request, and says so for good."""

    asked: ClassVar[list[tuple[str, Mapping[str, str]]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers)))
        self.send_response(501)
        self.send_header("Content-Length", "0")
        self.end_headers()


async def test_what_a_store_answers_for_good_is_asked_once_and_told_in_its_words() -> None:
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Unknowing)) as server:
        options = {
            "endpoint": f"http://127.0.0.1:{server.server_port}",
            "access_key_id": "k",
            "secret_access_key": "s",
        }
        with pytest.raises(StateUnreachable) as error:
            await Storage(StateLocation("s3://vault/state", options)).read("dev.json")
    assert len(Unknowing.asked) == 1
    assert error.value.facts.details["error"].endswith("HTTP 501 Not Implemented")
