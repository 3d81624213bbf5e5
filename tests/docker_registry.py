"""A registry of one's own on a loopback address, with TLS: Debian's docker-registry."""

import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.hosts import packed

from liferaft_sandbox.lab.images import build, read_recipe
from liferaft_sandbox.state import cache_folder
from liferaft_sandbox.vendors.certificates import Authority

START_SECONDS = 60.0
HASHED = "$2b$05$U5HFR1257Xc.tNRyKX8ubuV8NB4itQk3nnwLdJWxP6qZHaA27/dz6"
"""What `PASSWORD` is in a file of bcrypt hashes."""
PASSWORD = "of-the-registry"
_SERVE = """
set -eu
mount --bind "$2" "$1/data"
exec chroot "$1" /usr/bin/docker-registry serve /data/config.yml
"""


@dataclass
class Registry:
    """Reached as `localhost:PORT`. home: of the operator, with what skopeo has to know of it."""

    home: Path
    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def login(self) -> Path:
        """A file as `skopeo login` leaves it."""
        path = self.home / "auth.json"
        known = b64encode(f"operator:{PASSWORD}".encode()).decode()
        path.write_text(json.dumps({"auths": {self.host: {"auth": known}}}))
        return path

    def push(self, name: str, content: str = "", architecture: str = "amd64") -> str:
        """An image of one tiny layer, under that name. Returns its whole name."""
        whole = f"{self.host}/{name}"
        return self._push(packed.image(whole, content, architecture), whole)

    def push_for(self, name: str, *architectures: str) -> str:
        """An image for each of the architectures, under one name."""
        whole = f"{self.host}/{name}"
        return self._push(packed.of_several_architectures(whole, *architectures), whole)

    def _push(self, content: bytes, whole: str) -> str:
        archive = self.home / "pushed.tar"
        archive.write_bytes(content)
        subprocess.run(
            [
                *("skopeo", "copy", "--all", "--quiet", f"oci-archive:{archive}"),
                f"docker://{whole}",
            ],
            env={**os.environ, "HOME": str(self.home), "REGISTRY_AUTH_FILE": str(self.login)},
            check=True,
            timeout=60,
        )
        return whole

    def start(self) -> None:
        tree = build(read_recipe("vendors"), cache_folder(), _say)
        argv = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _SERVE, "sh"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*argv, str(tree), str(self.folder)], stdout=log, stderr=log, start_new_session=True
            )
        trust = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"https://{self.host}/v2/", timeout=3, context=trust).close()
            except urllib.error.HTTPError:
                return  # it wants a login
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
            self._process = None


def trust_all(home: Path) -> None:
    """Whoever lives there takes images whose signature nobody has looked at, as Debian's own file
    for all of a machine has it."""
    policy = home / ".config/containers/policy.json"
    policy.parent.mkdir(parents=True, exist_ok=True)
    policy.write_text(json.dumps({"default": [{"type": "insecureAcceptAnything"}]}))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@contextmanager
def docker_registry(folder: Path, *, locked: bool = False) -> Iterator[Registry]:
    """locked: nobody gets in without `PASSWORD`."""
    home, own = folder / "home", folder / "registry"
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        registry = Registry(home, own, asked.getsockname()[1])
    trusted = home / ".config/containers/certs.d" / registry.host
    trusted.mkdir(parents=True)
    own.mkdir()
    authority = Authority(f"registry {secrets.token_hex(4)}")
    authority.issue("localhost", own)
    for place in (own, trusted):
        (place / "ca.crt").write_bytes(authority.root())
    trust_all(home)
    (own / "users").write_text(f"operator:{HASHED}\n")
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": "/data/images"}},
        "http": {
            "addr": f"127.0.0.1:{registry.port}",
            "tls": {"certificate": "/data/cert.pem", "key": "/data/key.pem"},
        },
    }
    if locked:
        config["auth"] = {"htpasswd": {"realm": "tests", "path": "/data/users"}}
    (own / "config.yml").write_text(json.dumps(config))
    try:
        registry.start()
        yield registry
    finally:
        registry.kill()
