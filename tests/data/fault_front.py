"""A front before a store that does to requests what stores and networks do on bad days.

`python fault_front.py FOLDER ADDRESS BEHIND`: TLS at ADDRESS:8443 with the folder's certificate;
all else reaches the store BEHIND (HOST:8443) as it was sent. What goes wrong stands in
FOLDER/faults.json, a list of `Fault` that is read anew whenever it changes.
"""

import hashlib
import json
import random
import re
import ssl
import sys
import threading
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

REFUSE, FORGET, CUT, FLIP, SUM = "refuse", "forget", "cut", "flip", "sum"
PORT: Final = 8443
RULES: Final = "faults.json"
_HOP: Final = {"connection", "transfer-encoding", "keep-alive", "expect"}


@dataclass(frozen=True)
class Fault:
    """What happens to requests of these methods for keys in which the pattern is found.

    how: `refuse` answers status and code; `forget` takes what is written, says so, and has it not;
    `cut` breaks the connection off, in a question or in its answer; `flip` changes the last byte of
    what is written; `sum` has the store say checksums (ETag) that are not of the content. share: of
    1, by chance. after: so many of them pass first.
    """

    how: str
    methods: tuple[str, ...] = ("GET", "HEAD", "PUT", "POST", "DELETE")
    keys: str = ""
    status: int = 403
    code: str = ""
    share: float = 1.0
    after: int = 0


class Faults:
    """Those of the file, and how often each was met."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._stamp, self._rows, self._met = 0, list[Fault](), list[int]()
        self._chance = random.Random(path.parent.name)

    def of(self, method: str, path: str) -> Fault | None:
        with self._lock:
            self._read()
            for number, one in enumerate(self._rows):
                if method not in one.methods or not re.search(one.keys, path):
                    continue
                self._met[number] += 1
                if self._met[number] > one.after and self._chance.random() < one.share:
                    return one
        return None

    def cuts_the_question(self) -> bool:
        with self._lock:
            return self._chance.random() < 0.5

    def _read(self) -> None:
        stamp = self._path.stat().st_mtime_ns if self._path.exists() else 0
        if stamp != self._stamp:
            rows = json.loads(self._path.read_text())
            self._rows = [Fault(**{**row, "methods": tuple(row["methods"])}) for row in rows]
            self._stamp, self._met = stamp, [0] * len(rows)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    faults: Faults
    behind: tuple[str, int]
    tls: ssl.SSLContext
    _line: HTTPSConnection | None = None

    def _answer(self) -> None:
        fault = self.faults.of(self.command, self.path)
        how = fault.how if fault else ""
        if how == CUT and self.faults.cuts_the_question():
            self._break_off()
            return
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        if fault and how == REFUSE:
            said = (
                f"<Error><Code>{fault.code}</Code><Message>a fault of the lab's</Message></Error>"
            )
            self._say(fault.status, {"Content-Type": "application/xml"}, said.encode())
            return
        if how == FORGET and self._forgets(body):
            return
        if how == FLIP and body:
            body = body[:-1] + bytes([body[-1] ^ 1])
        status, headers, said_back = self._asked(body)
        if how == SUM:
            headers = {n: t for n, t in headers.items() if n.lower() != "etag"}
            headers["ETag"] = f'"{"0" * 32}"'
        if how == CUT:
            self._say(status, headers, said_back[: len(said_back) // 2], whole=len(said_back))
            self._break_off()
            return
        self._say(status, headers, said_back)

    def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {name: text for name, text in self.headers.items() if name.lower() not in _HOP}
        for again in (True, False):
            if self._line is None:
                self._line = HTTPSConnection(*self.behind, context=self.tls, timeout=60)
            try:
                self._line.putrequest(
                    self.command, self.path, skip_host=True, skip_accept_encoding=True
                )
                for name, text in headers.items():
                    self._line.putheader(name, text)
                self._line.endheaders(body)
                answer = self._line.getresponse()
                said = answer.read()
            except (HTTPException, OSError):
                self._line = None
                if not again:
                    raise
            else:
                kept = {n: t for n, t in answer.getheaders() if n.lower() not in _HOP}
                return answer.status, kept, said
        raise AssertionError("there are two tries")

    def _forgets(self, body: bytes) -> bool:
        """Said is that an object was taken, or the last of its parts."""
        _, _, query = self.path.partition("?")
        digest = hashlib.md5(body).hexdigest()  # noqa: S324 - what S3 calls an ETag
        if self.command == "PUT" and not query:
            self._say(200, {"ETag": f'"{digest}"'}, b"")
        elif self.command == "POST" and "uploadId" in query:
            tag = f"<ETag>&quot;{digest}-1&quot;</ETag>"
            said = f"<CompleteMultipartUploadResult>{tag}</CompleteMultipartUploadResult>"
            self._say(200, {"Content-Type": "application/xml"}, said.encode())
        else:
            return False
        return True

    def _say(
        self, status: int, headers: dict[str, str], body: bytes, *, whole: int | None = None
    ) -> None:
        self.send_response_only(status)
        length = {"Content-Length": str(len(body) if whole is None else whole)}
        own = {n: t for n, t in headers.items() if n.lower() != "content-length"}
        if self.command == "HEAD":
            length = {n: t for n, t in headers.items() if n.lower() == "content-length"}
        if status == 204:
            length = {}
        for name, text in {**own, **length}.items():
            self.send_header(name, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _break_off(self) -> None:
        self.wfile.flush()
        self.close_connection = True

    def __getattr__(self, name: str) -> Any:
        """What the server calls for each method."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], handler: type[_Handler], folder: Path) -> None:
        super().__init__(place, handler)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(folder / "store.crt", folder / "store.key")

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In its own thread: a handshake must hold up nobody else's."""
        request.settimeout(120)
        try:
            super().finish_request(self._tls.wrap_socket(request, server_side=True), client_address)
        except (OSError, HTTPException):
            return

    def handle_error(self, *_: Any) -> None:
        """A client that went away, or a store: the client sees it."""


def main(folder: Path, address: str, behind: str) -> None:
    trust = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    named = {"faults": Faults(folder / RULES), "behind": (behind, PORT), "tls": trust}
    _Server((address, PORT), type("_Front", (_Handler,), named), folder).serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
