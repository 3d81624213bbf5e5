"""A dead man's switch is told of success alone, and its address is told to nobody."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from tests.data.postgres.pointtaking.server import OLD, POINTS, Server, server

from liferaft.data.postgres.pointtaking import ping as room
from liferaft.data.postgres.pointtaking.ping import ping

__all__ = ["server"]
SECRET = "4f1c-the-checks-own-name"


class Switch(HTTPServer):
    """Hears who asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Heard)
        self.heard: list[str] = []
        self.answers = 200


class Heard(BaseHTTPRequestHandler):
    server: Switch

    def do_GET(self) -> None:
        self.server.heard.append(self.path)
        self.send_response(self.server.answers)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def switch(server: Server) -> Iterator[Switch]:
    one = Switch()
    threading.Thread(target=one.serve_forever, daemon=True).start()
    server.tells(f"http://127.0.0.1:{one.server_port}/{SECRET}")
    yield one
    one.shutdown()
    one.server_close()


def test_it_hears_of_a_point_that_was_taken_and_of_one_that_is_young(
    server: Server, switch: Switch
) -> None:
    assert server.run() == 0
    assert server.run(minutes=5) == 0
    assert switch.heard == [f"/{SECRET}"] * 2


def test_it_hears_nothing_where_one_vault_has_no_young_point(
    server: Server, switch: Switch
) -> None:
    (server.root("second") / "full").touch()
    assert server.run() == 1
    assert server.run(minutes=5) == 0, "the newest is young, in one of them"
    (server.root("second") / "dead").touch()
    assert server.run(minutes=10) == 0
    assert not switch.heard


def test_a_clock_that_was_set_back_keeps_nobody_quiet(
    server: Server, switch: Switch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By it every point is young, and none would be taken for as long as it is behind."""
    assert server.run() == 0
    assert server.run(days=-1) == 1
    assert "this server's clock is behind recovery point" in capsys.readouterr().err
    assert len(switch.heard) == 1
    assert server.run(minutes=-2) == 0, "whoever took it had a clock a little ahead"


def test_a_server_that_does_not_reign_keeps_nobody_quiet(server: Server, switch: Switch) -> None:
    (server.folder / "etc" / "reign").unlink()
    assert server.run() == 0
    assert not switch.heard


def test_a_server_whose_reign_is_over_keeps_nobody_quiet(server: Server, switch: Switch) -> None:
    assert server.run() == 0
    (server.root("main") / "epoch" / "00000002").write_text("north")
    assert server.run(minutes=5) == 1
    assert len(switch.heard) == 1


def test_without_any_point_it_hears_nothing(server: Server, switch: Switch) -> None:
    for name in ("main", "second"):
        (server.root(name) / POINTS / f"{OLD}.json").unlink()
    assert server.run() == 1
    assert not switch.heard


def test_a_switch_that_refuses_fails_no_point_and_shows_no_address(
    server: Server, switch: Switch, capsys: pytest.CaptureFixture[str]
) -> None:
    switch.answers = 404
    assert server.run() == 0
    said = capsys.readouterr()
    assert "The dead man's switch did not hear it: it answered 404" in said.err
    assert SECRET not in said.out + said.err


@pytest.mark.parametrize(
    "address",
    [
        f"http://127.0.0.1:1/{SECRET}",
        f"no://{SECRET}",
        SECRET,
        f"http://127.0.0.1:x/{SECRET}",
        f"http://127.0.0.1/{SECRET} \x01",
        f"http://{SECRET}.invalid/",
        "",
    ],
)
def test_whatever_is_wrong_with_the_address_it_is_not_repeated(
    tmp_path: Path, address: str
) -> None:
    file = tmp_path / "ping"
    file.write_text(address)
    said = ping(file)
    assert said
    assert SECRET not in said


def test_a_switch_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liferaft.data.postgres.pointtaking.ping._SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        file = tmp_path / "ping"
        file.write_text(f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}")
        assert ping(file) == "TimeoutError"


def test_an_answer_that_never_ends_holds_no_point_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_WHOLE_SECONDS", 1.0)
    ends = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with listening.accept()[0] as line, suppress(OSError):
                while not ends.wait(0.05):
                    line.sendall(b"H")

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        file = tmp_path / "ping"
        file.write_text(f"http://127.0.0.1:{listening.getsockname()[1]}/{SECRET}")
        assert ping(file) == "no whole answer within 1 s"
        ends.set()
        dripping.join()
