"""A service is waited for through whatever it answers while it starts."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from tests.serving import serving

from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.state import State
from liferaft_sandbox.vendors.running import Vendors
from liferaft_sandbox.vendors.services import Programs

LIST = (
    b'<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Buckets/>'
    b"</ListAllMyBucketsResult>"
)
FAILED = b"<Error><Code>InternalError</Code><Message>no volumes yet</Message></Error>"


class Starting(BaseHTTPRequestHandler):
    """A store that answers its first question with 500."""

    said: list[int]

    def do_GET(self) -> None:
        self.said.append(len(self.said))
        status, body = (500, FAILED) if len(self.said) == 1 else (200, LIST)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def store() -> Iterator[ThreadingHTTPServer]:
    Starting.said = []
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Starting)) as server:
        yield server


@pytest.fixture
def process() -> Iterator["subprocess.Popen[bytes]"]:
    running = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield running
    running.kill()
    running.wait(10)


def vendors_in(folder: Path) -> Vendors:
    state = State(folder / "one")
    state.logs.mkdir(parents=True)
    (state.logs / "store.log").write_text("all the store said\n")
    return Vendors(state, Programs(folder, folder, folder, folder))


def test_a_store_that_listens_before_it_is_well_is_waited_for(
    store: ThreadingHTTPServer, process: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    def probe() -> None:
        boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{store.server_address[1]}",
            region_name="us-east-1",
            aws_access_key_id="AKIA",
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}),
        ).list_buckets()

    said: list[str] = []
    vendors = vendors_in(tmp_path)
    vendors.adopt("store", process, probe)
    vendors.await_health(said.append)
    assert said == ["store: healthy"]
    assert len(Starting.said) == 2


def test_a_service_that_ends_while_it_starts_is_told_with_its_last_words(
    process: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    process.kill()
    process.wait(10)
    vendors = vendors_in(tmp_path)
    vendors.adopt("store", process, lambda: None)
    with pytest.raises(SandboxFailed, match="store ended with -9 while starting") as failed:
        vendors.await_health(print)
    assert failed.value.facts.details["log"] == "all the store said"
