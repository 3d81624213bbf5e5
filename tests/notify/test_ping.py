"""A dead man's switch of drills is told of by nobody."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.notify.listening import SECRET, Listener, listening

from liferaft.notify import ping as room
from liferaft.notify.ping import ping


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Whose authority everybody on this machine trusts."""
    one = Listener()
    monkeypatch.setenv("SSL_CERT_FILE", str(one.speak_tls(tmp_path)))
    with listening(one):
        yield one


def test_it_is_asked_for_once(listener: Listener) -> None:
    assert ping(SecretStr(listener.switch)) == ""
    assert listener.asked == [f"/{SECRET}"]


def test_who_refuses_is_told_by_the_code_alone(listener: Listener) -> None:
    listener.answers = 404
    assert ping(SecretStr(listener.switch)) == "it answered 404"


@pytest.mark.parametrize("address", [f"http://127.0.0.1:1/{SECRET}", f"http://[{SECRET}/", SECRET])
def test_who_cannot_be_reached_is_told_without_the_address(address: str) -> None:
    why = ping(SecretStr(address))
    assert why
    assert SECRET not in why


def test_who_has_a_certificate_of_nobodys_is_not_told(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    assert ping(SecretStr(listener.switch)) == "URLError"
    assert not listener.asked


def test_who_never_ends_his_answer_holds_nobody_up(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "WHOLE_SECONDS", 0.3)
    listener.freed.clear()
    began = time.monotonic()
    assert ping(SecretStr(listener.switch)).startswith("no whole answer")
    assert time.monotonic() - began < 5
