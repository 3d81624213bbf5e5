"""What comes over the wire is read as it is meant, and never waited for without end."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from tests.contract.stores import certificate

from liferaft.data.bucket.bucketcopy import exchange
from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.exchange import Broken, Line
from liferaft.data.bucket.bucketcopy.store import Store, Unreached

OK = b"HTTP/1.1 200 OK\r\n"
Act = Callable[[socket.socket], object]


@contextmanager
def host(*acts: Act, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """One that does each with one connection after it has got a question. `HOST:PORT`."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def run() -> None:
            for act in acts:
                with suppress(OSError):  # who asked is gone
                    connection, _ = server.accept()
                    if tls is not None:
                        connection = tls.wrap_socket(connection, server_side=True)
                    with connection:
                        connection.recv(1 << 16)
                        act(connection)

        thread = Thread(target=run)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        thread.join()


@contextmanager
def host_with_tls(folder: Path, *acts: Act) -> Iterator[tuple[str, str]]:
    """Its place, and the file of who vouches for it at 127.0.0.1."""
    certificate(folder, "127.0.0.1")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(folder / "server.pem", folder / "server.key")
    with host(*acts, tls=tls) as place:
        yield place, str(folder / "server.pem")


def says(*answers: bytes) -> Act:
    """So many answers, each to one question more."""

    def act(connection: socket.socket) -> None:
        connection.sendall(answers[0])
        for answer in answers[1:]:
            connection.recv(1 << 16)
            connection.sendall(answer)

    return act


def asked(place: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    line = Line(place, None)
    try:
        reply = line.ask(method, "/", {"host": place}, b"")
        return reply.status, reply.headers, reply.read()
    finally:
        line.close()


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 5\r\n\r\nwhole",
        OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nwho\r\n2;x=y\r\nle\r\n0\r\nt: x\r\n\r\n",
        OK + b"Connection: close\r\n\r\nwhole",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"content-length:5\r\n\r\nwhole",
        b"HTTP/1.0 200 OK\r\n\r\nwhole",
    ],
)
def test_an_answer_is_read_however_its_length_is_told(answer: bytes) -> None:
    with host(says(answer)) as place:
        status, _, body = asked(place)
    assert (status, body) == (200, b"whole")


def test_texts_of_headers_stand_for_bytes_and_no_header_can_hold_a_lines_end() -> None:
    said = OK + b"X-Amz-Meta-A: caf\xc3\xa9 \r\nB: 1\r\n 2\r\nC: a\rb\r\nContent-Length: 0\r\n\r\n"
    with host(says(said)) as place:
        _, headers, _ = asked(place)
    assert headers["x-amz-meta-a"].encode("latin-1") == b"caf\xc3\xa9"
    assert (headers["b"], headers["c"]) == ("1 2", "a b")
    with pytest.raises(ValueError, match="a line's end"):
        Line("x", None).ask("GET", "/", {"a": "1\r\nb: 2"}, b"")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        OK,
        OK + b"Content-Length: 6\r\n\r\nwhole",
        OK + b"Content-Length: many\r\n\r\nwhole",
        OK + b"Content-Length: -5\r\n\r\nwhole",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nfive\r\nwhole\r\n",
        OK + b"a: b\r\n" * 10_000,
        OK + b"a" * 200_000,
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ],
)
def test_what_is_no_whole_answer_is_never_taken_for_one(answer: bytes) -> None:
    with host(says(answer)) as place, pytest.raises((Broken, ConnectionResetError)):
        asked(place)


def test_an_answer_about_a_head_has_no_body_and_the_next_question_is_answered() -> None:
    head, get = OK + b"Content-Length: 99\r\n\r\n", OK + b"Content-Length: 2\r\n\r\nhi"
    with host(says(head, get)) as place:
        line = Line(place, None)
        reply = line.ask("HEAD", "/", {}, b"")
        assert (reply.headers["content-length"], reply.read()) == ("99", b"")
        assert line.is_good_after(reply)
        assert line.ask("GET", "/", {}, b"").read() == b"hi"
        line.close()


def test_a_connection_that_was_closed_meanwhile_is_opened_anew_and_not_asked_in_vain() -> None:
    answer = OK + b"Content-Length: 2\r\n\r\nhi"
    with host(says(answer), says(answer)) as place:
        line = Line(place, None)
        assert line.ask("GET", "/", {}, b"").read() == b"hi"
        time.sleep(0.1)  # the end of the first connection is on its way
        assert line.ask("GET", "/", {}, b"").read() == b"hi"
        line.close()


def test_what_a_host_says_beyond_an_answer_is_not_taken_for_the_next() -> None:
    more = OK + b"Content-Length: 2\r\n\r\nhiHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with host(says(more, OK + b"Content-Length: 3\r\n\r\nyes")) as place:
        line = Line(place, None)
        assert line.ask("GET", "/", {}, b"").read() == b"hi"
        assert line.ask("GET", "/", {}, b"").read() == b"yes"
        line.close()


def test_an_object_whose_length_is_no_number_is_no_answer() -> None:
    said = OK + b"Content-Length: many\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    with host(says(said)) as place:
        site = Store("site", f"http://{place}", "b", StoreKeys("k", "s", "r"), None)
        with site.open("GET", "key") as answer, pytest.raises(Unreached, match="how long it is"):
            list(answer.pieces(10))


def test_a_refusal_that_comes_before_the_whole_body_is_sent_is_the_reason() -> None:
    def act(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    with host(act) as place:
        line = Line(place, None)
        reply = line.ask("PUT", "/", {}, (bytes(1 << 16) for _ in range(100)))
        assert reply.status == 413
        line.close()


@pytest.mark.parametrize("before", [b"", OK, OK + b"Content-Length: 1000000\r\n\r\n"])
def test_an_answer_that_comes_byte_by_byte_is_given_up(
    before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "PATIENCE", 0.1)
    monkeypatch.setattr("liferaft.data.bucket.bucketcopy.store.ATTEMPTS", 1)

    def drips(connection: socket.socket) -> None:
        connection.sendall(before)
        while True:
            connection.sendall(b"H")
            time.sleep(0.01)

    with host(drips) as place:
        site = Store("site", f"http://{place}", "b", StoreKeys("k", "s", "r"), None)
        began = time.monotonic()
        with pytest.raises(Unreached, match=r"from the site: in 0 s of waiting only \d+ bytes"):
            site.ask("GET", "key")
    assert time.monotonic() - began < 5


def test_a_slow_answer_that_goes_on_and_a_reader_that_takes_its_time_are_no_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "PATIENCE", 0.1)
    monkeypatch.setattr(exchange, "SLOWEST", 2000)

    def slowly(connection: socket.socket) -> None:
        connection.sendall(OK + b"Content-Length: 2000\r\n\r\n")
        for _ in range(20):
            time.sleep(0.01)
            connection.sendall(bytes(100))

    with host(slowly) as place:
        line = Line(place, None)
        reply = line.ask("GET", "/", {}, b"")
        reply.read(100)
        time.sleep(0.3)
        assert len(reply.read()) == 1900
        line.close()


def test_under_tls_a_connection_is_used_again_and_only_who_is_vouched_for_is_asked(
    tmp_path: Path,
) -> None:
    whole = OK + b"Content-Length: 300000\r\n\r\n" + bytes(300_000)
    keys = StoreKeys("k", "s", "r")
    with host_with_tls(tmp_path, says(whole, whole)) as (place, vouched):
        site = Store("site", f"https://{place}", "b", keys, vouched)
        for _ in range(2):
            assert site.ask("GET", "key")[1] == bytes(300_000)
    with host_with_tls(tmp_path, says(whole)) as (place, _):
        line = Line(place, ssl.create_default_context())
        with pytest.raises(ssl.SSLCertVerificationError):
            line.ask("GET", "/", {}, b"")


def test_a_refusal_over_tls_that_comes_before_the_whole_body_is_sent_is_heard(
    tmp_path: Path,
) -> None:
    """A store that demands a checksum says so at once, and reads no further: without its words the
    object would be sent in the same way for ever."""

    def refuse(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 8\r\n\r\nchecksum")
        connection.shutdown(socket.SHUT_WR)
        time.sleep(1)

    with host_with_tls(tmp_path, refuse) as (place, ca_file):
        line = Line(place, ssl.create_default_context(cafile=ca_file))
        length = 32 << 20
        pieces = (bytes(1 << 20) for _ in range(length >> 20))
        reply = line.ask("PUT", "/", {"host": place, "content-length": str(length)}, pieces)
        assert (reply.status, reply.read()) == (400, b"checksum")
        assert not line.is_good_after(reply)
        line.close()
