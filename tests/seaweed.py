"""A SeaweedFS of one's own on a loopback address, without TLS: a real store that speaks S3."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from liferaft.clouds.s3 import S3Account

START_SECONDS = 90.0
FIRST = "first-bucket"
"""A bucket that is there from the start."""


@dataclass(frozen=True)
class Seaweed:
    url: str
    key: str = "seaweeds-key"
    secret: str = field(default="seaweeds-secret-5d0c", repr=False)
    region: str = "us-east-1"

    @property
    def account(self) -> S3Account:
        return S3Account(self.region, self.key, self.secret, endpoint=self.url)

    def client(self) -> Any:
        return self.account.client()


def port_of_its_own() -> int:
    """It refuses a port that another one listens at, at whatever address, and so it does with the
    one 10,000 above, where its parts speak to one another."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as one, socket.socket() as other, suppress(OSError):
            one.bind(("", port))
            other.bind(("", port + 10_000))
            return port


@contextmanager
def seaweed() -> Iterator[Seaweed]:
    """It opens sockets with fixed names in /tmp, hence a /tmp of its own. Its folder must stand
    elsewhere: hidden under that /tmp it finds no room for volumes, and every write hangs."""
    address = f"127.78.{os.getpid() % 250 + 1}.{secrets.randbelow(250) + 1}"
    port = port_of_its_own()
    store = Seaweed(f"http://{address}:{port}")
    weed = Path(sys.executable).parent / "weed"
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        keys = [{"accessKey": store.key, "secretKey": store.secret}]
        identities = {"identities": [{"name": "t", "credentials": keys, "actions": ["Admin"]}]}
        (folder / "s3.json").write_text(json.dumps(identities))
        (folder / "data").mkdir()
        command = (
            # Opened before /tmp is covered: the repository may lie there.
            f"exec 9<{weed} && mount -t tmpfs tmpfs /tmp && exec /proc/self/fd/9 "
            f"-logdir={folder}/data mini -dir={folder}/data -ip={address} -ip.bind={address} "
            f"-master.telemetry=false -webdav=false -admin.ui=false -s3.port={port} "
            f"-bucket={FIRST} -s3.config={folder}/s3.json -s3.port.iceberg=0 -s3.port.lance=0 "
            "-filer.localSocket=/tmp/filer.sock -s3.localSocket=/tmp/s3.sock"
        )
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-c", command],
                stdout=log,
                stderr=log,
            ) as process,
        ):
            try:
                _wait_for(store, process, folder / "log")
                yield store
            finally:
                process.kill()


def _wait_for(store: Seaweed, process: subprocess.Popen[bytes], log: Path) -> None:
    """It listens before there are volumes to write to."""
    end = time.monotonic() + START_SECONDS
    reason = "nothing was tried"
    s3 = store.client()
    while process.poll() is None and time.monotonic() < end:
        try:
            s3.put_object(Bucket=FIRST, Key="up", Body=b"up")
            s3.delete_object(Bucket=FIRST, Key="up")
        except (BotoCoreError, ClientError) as error:
            reason = str(error)
            time.sleep(0.1)
        else:
            return
    said = log.read_text(errors="replace")[-2000:]
    pytest.fail(f"weed did not take a write: {reason}; exit {process.returncode}; {said}")
