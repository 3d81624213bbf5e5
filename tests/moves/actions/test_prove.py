"""Being well is asked of a real server over TLS, by name, at an address that is given."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.moves.actions.scripted import Scripted

from liferaft.failures import BadInput, DeadlinePassed
from liferaft.moves import deploy
from liferaft.moves.actions import prove
from liferaft.moves.actions.prove import ProveService, ailment_of
from liferaft.moves.inputs import DeployInputs
from liferaft.plan import telling
from liferaft.site.world import World

NAME = "www.chirp.test"
LOOPBACK = "127.0.0.1"


class Authority:
    """A certificate authority of one afternoon."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        own = self._signed(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0))
        self.file = folder / "ca.crt"
        self.file.write_bytes(own)

    def context_for(self, name: str) -> ssl.SSLContext:
        """What a server at that name presents."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        chain = self._signed(subject, key, x509.SubjectAlternativeName([x509.DNSName(name)]))
        both = self._folder / f"{name}.pem"
        both.write_bytes(chain + _pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> bytes:
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


class Server(HTTPServer):
    """Answers every request with one status, and remembers what it was asked."""

    status = 200
    asked: tuple[str, str] = ("", "")

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust us hangs up: that is what some tests are for."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked = (self.headers["Host"], self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called there
        """Tests are silent."""


@contextmanager
def served(context: ssl.SSLContext) -> Iterator[Server]:
    with Server((LOOPBACK, 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def server(authority: Authority) -> Iterator[Server]:
    with served(authority.context_for(NAME)) as running:
        yield running


@pytest.fixture
def asked(authority: Authority) -> Callable[[Server], str | None]:
    """What is wrong with a server, asked by the domain's name."""

    def ask(server: Server) -> str | None:
        url = f"https://{NAME}:{server.server_port}/healthz?deep=1"
        return ailment_of(url, LOOPBACK, authority.file)

    return ask


def test_a_good_answer_with_the_right_certificate_is_well(
    server: Server, asked: Callable[[Server], str | None]
) -> None:
    assert asked(server) is None
    assert server.asked == (f"{NAME}:{server.server_port}", "/healthz?deep=1")


def test_a_certificate_for_another_name_is_not_well(
    authority: Authority, asked: Callable[[Server], str | None]
) -> None:
    with served(authority.context_for("other.test")) as stranger:
        assert "CERTIFICATE_VERIFY_FAILED" in (asked(stranger) or "")
        assert stranger.asked == ("", "")


def test_a_certificate_of_an_authority_that_nobody_named_is_not_well(server: Server) -> None:
    url = f"https://{NAME}:{server.server_port}/healthz"
    assert "CERTIFICATE_VERIFY_FAILED" in (ailment_of(url, LOOPBACK, None) or "")


@pytest.mark.parametrize("status", [503, 302, 404])
def test_the_holding_page_and_other_answers_are_not_well(
    server: Server, asked: Callable[[Server], str | None], status: int
) -> None:
    server.status = status
    assert asked(server) == f"it answers {status}"


def test_where_nothing_listens_is_not_well(authority: Authority) -> None:
    with socket.socket() as bound:
        bound.bind((LOOPBACK, 0))
        url = f"https://{NAME}:{bound.getsockname()[1]}/healthz"
        assert "ConnectionRefusedError" in (ailment_of(url, LOOPBACK, authority.file) or "")


def test_an_authority_that_is_no_certificate_is_the_operators_to_mend(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.crt"
    wrong.write_text("no certificate")
    for file in (wrong, tmp_path / "gone.crt"):
        with pytest.raises(BadInput, match="cannot be used") as caught:
            ailment_of(f"https://{NAME}/", LOOPBACK, file)
        assert "tls.ca_file" in caught.value.facts.do


THE_HOLDING_PAGE = "it answers 503"
DJANGO = """\
HTTP/1.1 400 Bad Request\r
Content-Type: text/html\r
\r
<!doctype html>
<html><head><title>Bad Request (400)</title></head></html>
"""


@pytest.fixture
def unwell(world: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scripted], World]:
    """The service as users see it while the app behind the edge is not well."""
    monkeypatch.setattr(prove, "ailment_of", lambda *_: THE_HOLDING_PAGE)

    def opened(edge: Scripted) -> World:
        patience = world.site.config.app.model_copy(update={"starts_within": 0})
        world.site.config = world.site.config.model_copy(update={"app": patience})
        edge.says = {"date": (0, "1000\n", ""), **edge.says}
        world.servers._hosts["app-1"] = edge
        return world

    return opened


async def test_a_service_that_is_not_well_is_told_by_what_the_app_answered(
    unwell: Callable[[Scripted], World],
) -> None:
    edge = Scripted({"curl": (0, DJANGO, "")})
    with pytest.raises(DeadlinePassed) as caught:
        await ProveService("north", 2).apply(unwell(edge))
    assert caught.value.facts.happened.endswith(
        "the app at 127.0.0.1:8080 answers 400: Bad Request (400)"
    )
    (asked,) = [each for each in edge.asked if each.startswith("curl")]
    assert "'Host: www.chirp.test'" in asked
    assert "'X-Forwarded-Proto: https'" in asked
    assert "http://127.0.0.1:8080/healthz" in asked


async def test_a_service_is_not_well_while_a_container_behind_it_ends_again_and_again(
    unwell: Callable[[Scripted], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = "web\tapp_web_1\trunning\t0\t0\t900\timage\n"
    ended_once = "worker\tapp_worker_1\trunning\t0\t1\t900\timage\n"
    ends = "worker\tapp_worker_1\trunning\t0\t4\t998\timage\n"
    world = unwell(Scripted({"date": (0, f"1000\n{steady}{ended_once}", "")}))
    monkeypatch.setattr(prove, "ailment_of", lambda *_: None)
    assert await ProveService("north", 2).holds(world)
    unwell(Scripted({"date": (0, f"1000\n{steady}{ends}", "")}))
    assert not await ProveService("north", 2).holds(world)
    with pytest.raises(DeadlinePassed, match=r"worker was started 5 times .* on app-1"):
        await ProveService("north", 2).apply(world)


async def test_once_the_app_is_well_the_holding_page_speaks_of_no_move_or_start_any_more(
    unwell: Callable[[Scripted], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = Scripted({"cd": (0, "./moving.now\n", "")})
    world = unwell(edge)
    monkeypatch.setattr(prove, "ailment_of", lambda *_: None)
    assert not await ProveService("north", 2).holds(world)
    await ProveService("north", 2).apply(world)
    folder = "/etc/caddy/holding"
    assert edge.asked[-1] == f"rm -f {folder}/moving.now {folder}/starting.now"


async def test_an_app_that_never_was_well_is_not_said_to_be_starting_but_may_be_moving(
    unwell: Callable[[Scripted], World],
) -> None:
    edge = Scripted({"curl": (0, DJANGO, "")})
    with pytest.raises(DeadlinePassed):
        await ProveService("north", 2).apply(unwell(edge))
    assert edge.asked[-1] == "rm -f /etc/caddy/holding/starting.now"


async def test_a_service_is_waited_for_as_long_as_the_file_says_and_what_is_seen_is_told(
    unwell: Callable[[Scripted], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = Scripted({"curl": (0, DJANGO, "")})
    world = unwell(edge)
    world.site.config = world.site.config.model_copy(
        update={"app": world.site.config.app.model_copy(update={"starts_within": 600})}
    )
    plan = deploy.plan(world.site.config, DeployInputs(site="north", epoch=2, reigns=True))
    (proof,) = (step for step in plan.steps if step.name == "prove")
    assert proof.deadline > 600
    monkeypatch.setattr(telling, "EVERY_SECONDS", 0.001)
    heard: list[str] = []

    def well_once_it_was_told(*_: object) -> str | None:
        return None if any("Bad Request" in seen for seen in heard) else THE_HOLDING_PAGE

    monkeypatch.setattr(prove, "ailment_of", well_once_it_was_told)
    telling.heard_by(heard.append)
    await ProveService("north", 2).apply(world)
    assert "answers 503; the app at 127.0.0.1:8080 answers 400: Bad Request (400)" in heard[-1]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((0, "HTTP/1.1 301 Moved\r\nLocation: /login\r\n\r\nmoved", ""), "301: to /login"),
        ((0, "HTTP/1.1 500 Oh\r\n\r\n\n  a \x1b[31mred\tline \nmore", ""), "500: a [31mred line"),
        ((7, "", "curl: (7) Failed to connect"), "does not answer: curl: (7) Failed to connect"),
    ],
)
async def test_whatever_the_app_does_is_told_in_one_line(
    unwell: Callable[[Scripted], World], answer: tuple[int, str, str], told: str
) -> None:
    with pytest.raises(DeadlinePassed) as caught:
        await ProveService("north", 2).apply(unwell(Scripted({"curl": answer})))
    assert caught.value.facts.happened.endswith(told)
