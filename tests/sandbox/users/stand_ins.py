"""What stands beside the users of a scene: programs, a resolver, and a holding page."""

import contextlib
import http.client
import http.server
import os
import socketserver
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.rrset

OLD = "127.0.0.2"
"""Where the name leads at first."""
HOLDING = b'<!doctype html><html data-liferaft="holding"><h1>We are moving</h1>'


def run(*argv: str | Path) -> str:
    """The output of a program that must succeed."""
    done = subprocess.run(
        [str(part) for part in argv], check=True, stdout=subprocess.PIPE, text=True, timeout=240
    )
    return done.stdout


@contextlib.contextmanager
def running(log: Path, *argv: str | Path, **environment: str) -> Iterator[None]:
    """The program runs inside the block and is ended after it by SIGTERM."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in argv],
            stdout=output,
            stderr=output,
            env={"PATH": os.environ["PATH"], **environment},
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=120)


def wait_until(what: str, holds: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {seconds} s until {what}.")
        time.sleep(0.05)


class Question(socketserver.BaseRequestHandler):
    """Every question is answered with the address of the day."""

    address = OLD

    def handle(self) -> None:
        packet, sender = self.request
        question = dns.message.from_wire(packet)
        answer = dns.message.make_response(question)
        name = question.question[0].name
        answer.answer = [dns.rrset.from_text(name, 60, "IN", "A", Question.address)]
        sender.sendto(answer.to_wire(), self.client_address)


class Holding(http.server.BaseHTTPRequestHandler):
    """liferaft's page in the application's place."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.send_header("Retry-After", "15")
        self.end_headers()
        self.wfile.write(HOLDING)

    do_POST = do_GET  # noqa: N815  # http.server's name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Nobody reads it."""
