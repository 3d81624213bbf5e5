"""An app for the edge's tests: `app.py PORT NAME`; well while /run/well-NAME is there.

While /run/strict-NAME is there it knows one host by name and sends what is not https elsewhere.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME = sys.argv[2]


class App(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if Path(f"/run/strict-{NAME}").exists() and not self.is_at_home():
            return
        if self.path == "/healthz":
            self.answer(200 if Path(f"/run/well-{NAME}").exists() else 500, "health")
        elif self.path == "/full":
            self.answer(503, "the app's own words", {"Retry-After": "7"})
        else:
            self.answer(200, f"page of {NAME}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def is_at_home(self) -> bool:
        """As Django's ALLOWED_HOSTS and Rails' force_ssl judge a request."""
        if self.headers["Host"] != "chirp.test":
            self.answer(400, "Invalid Host\nand more")
            return False
        if self.headers["X-Forwarded-Proto"] != "https":
            self.answer(301, "", {"Location": "https://chirp.test/elsewhere"})
            return False
        return True

    def answer(self, code: int, text: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
