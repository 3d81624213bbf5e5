"""A bucket on the loopback that may be slow to write, and remembers every write and its moment."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.serving import serving

from liferaft.provision.engine.contract import StateLocation

NAME = "vault"
_FLAGS = ("delete", "pendingReplacement", "initErrors")
_LOOKS, _BETWEEN_SECONDS = 5, 0.01
_LONGEST_SECONDS = 10.0


@dataclass(frozen=True)
class Write:
    """A checkpoint that was durable from `moment` on (monotonic seconds, the whole machine's)."""

    moment: float
    latest: dict[str, Any]

    @property
    def pending(self) -> set[tuple[str, str]]:
        """(operation, name) of what was under way."""
        operations = self.latest.get("pending_operations", [])
        return {(row["type"], row["resource"]["urn"].split("::")[-1]) for row in operations}

    @property
    def rows(self) -> set[str]:
        """`name=id!flag` of every row that has an object."""
        return {
            f"{row['urn'].split('::')[-1]}={row['id']}" + _flags(row)
            for row in self.latest.get("resources", [])
            if "pulumi:" not in row["type"]
        }


def _flags(row: dict[str, Any]) -> str:
    return "".join(f"!{flag}" for flag in _FLAGS if row.get(flag))


@dataclass
class Bucket:
    port: int = 0
    slow: bool = False
    """A checkpoint is durable only once the engine has nothing to do but to wait for that."""
    objects: dict[str, bytes] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    """Of checkpoints, in the order they became durable."""

    @property
    def location(self) -> StateLocation:
        options = {
            "endpoint": f"http://127.0.0.1:{self.port}",
            "access_key_id": "key",
            "secret_access_key": "hidden",
        }
        return StateLocation(f"s3://{NAME}", options)

    def put(self, key: str, content: bytes) -> None:
        is_checkpoint = key.startswith(".pulumi/stacks/")
        if self.slow and is_checkpoint:
            self._wait_for_the_engine()
        self.objects[key] = content
        if is_checkpoint:
            latest = json.loads(content)["checkpoint"]["latest"]
            self.writes.append(Write(time.monotonic(), latest))

    def _wait_for_the_engine(self) -> None:
        """Its threads hand work to each other, so one look that finds none at work is too few."""
        (lock,) = (text for key, text in list(self.objects.items()) if "/locks/" in key)
        tasks = Path(f"/proc/{json.loads(lock)['pid']}/task")
        idle, end = 0, time.monotonic() + _LONGEST_SECONDS
        while idle < _LOOKS and time.monotonic() < end:
            time.sleep(_BETWEEN_SECONDS)
            idle = 0 if any(map(_is_at_work, tasks.glob("*/stat"))) else idle + 1


def _is_at_work(stat: Path) -> bool:
    """Whether a thread runs, or would if a core were free."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] in {"R", "D"}
    except (FileNotFoundError, ProcessLookupError):
        return False


class _Server(ThreadingHTTPServer):
    def __init__(self, held: Bucket) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.held = held


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{NAME}").strip("/")

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Sun, 22 Nov 2026 12:00:00 GMT")
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        objects, asked = self.server.held.objects, parse_qs(urlsplit(self.path).query)
        if "list-type" in asked:
            self._answer(200, _listing(objects, asked.get("prefix", [""])[0]))
        elif self._key() in objects:
            self._answer(200, objects[self._key()])
        else:
            self._answer(404)

    def do_PUT(self) -> None:
        self.server.held.put(self._key(), self._body())
        self._answer(200)

    def do_DELETE(self) -> None:
        self.server.held.objects.pop(self._key(), None)
        self._answer(204)

    def log_message(self, *_: object) -> None:
        """Not on the screen."""


@contextmanager
def bucket(*, slow: bool = False) -> Iterator[Bucket]:
    """Served until the block ends."""
    held = Bucket(slow=slow)
    with serving(_Server(held)) as server:
        held.port = server.server_port
        yield held


def _listing(objects: Mapping[str, bytes], prefix: str) -> bytes:
    rows = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size><ETag>1</ETag>"
        "<LastModified>2026-11-22T12:00:00.000Z</LastModified></Contents>"
        for key, content in sorted(objects.items())
        if key.startswith(prefix)
    )
    return (
        f"<ListBucketResult><Name>{NAME}</Name><IsTruncated>false</IsTruncated>{rows}"
        "</ListBucketResult>"
    ).encode()
