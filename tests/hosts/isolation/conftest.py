"""A real host with containers, shut as a drill's host is. The lab's store is its vault."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.data.conftest import Lab, LocalHost, host_image, open_lab
from tests.hosts.isolation.name_server import TAKEN

from liferaft.hosts.isolation.allowed import Allowed, Callee

HERE = Path(__file__).parent
VAULT = Callee("objects.lab.test", 8443)
NEIGHBOURS = "10.98.0.0/24"
DRILLS_ADDRESS = "10.99.0.77"
ELSEWHERE_IN_THE_LAB = "10.99.0.3"
"""All names are there, by the word of the resolver that hosts had before."""
DECLARED = (Callee("up.example", TAKEN), Callee("moved.example", TAKEN), Callee("*.any.example"))
ALLOWED = Allowed((VAULT, *DECLARED), (NEIGHBOURS,), {"chirp.test": DRILLS_ADDRESS})
CONTAINERS = """
mkdir -p /root/bare/usr /root/bare/etc /root/bare/tmp; cd /root/bare
for name in bin lib lib64; do ln -sfn "usr/$name" "$name"; done
tar --create . | podman import --quiet - localhost/bare:1
podman network create app_default
for name in web db; do
    podman run --detach --name "app_${name}_1" --network app_default --network-alias "$name" \\
        --volume /usr:/usr:ro localhost/bare:1 sleep 10000
done
"""
ASKING = """
import socket, struct, sys
address, name = sys.argv[1:]
asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(10)
asking.connect((address, 53))
labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
asking.send(struct.pack(">6H", 4711, 256, 1, 0, 0, 0) + labels + bytes([0, 0, 1, 0, 1]))
print(asking.recv(100)[3] & 15)
"""
"""Asks a resolver directly; prints the code of its answer."""
CALLING = """
import socket, sys
address, port, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
calling = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
calling.settimeout(10)
try:
    calling.connect((address, port))
    calling.send(b"hello")
except OSError as error:
    sys.exit(str(error))
"""


@dataclass(frozen=True)
class Shut:
    """A host and what happens on it."""

    host: LocalHost
    lab: Lab

    def asked_upstream(self) -> set[str]:
        """Names that the resolver outside was asked for."""
        return set((self.lab.work / "asked").read_text().split())

    async def call(self, address: str, port: int, kind: str, *, container: str = "") -> bool:
        """Whether the call was taken; from the host, or from a container."""
        inside = ["podman", "exec", container] if container else []
        argv = [*inside, "python3", "-c", CALLING, address, str(port), kind]
        return (await self.host.run(argv, check=False)).exit_code == 0

    async def asks(self, name: str, *, container: str = "") -> bool:
        """Whether the name has an answer."""
        inside = ["podman", "exec", container] if container else []
        done = await self.host.run([*inside, "getent", "hosts", name], check=False)
        return done.exit_code == 0

    async def from_outside(self, script: str) -> str:
        """What a script says that runs beside the host, where its operator could be."""
        process = await asyncio.create_subprocess_exec(
            *("nsenter", f"--net=/proc/{_inner(self.lab)}/ns/net", "bash", "-c", script),
            stdout=asyncio.subprocess.PIPE,
        )
        return (await process.communicate())[0].decode()

    async def is_off(self) -> bool:
        """Whether nothing runs there any more."""
        members = self.host.cgroup / "payload" / "init.scope" / "cgroup.procs"
        return not members.exists() or not members.read_text().strip()


def _inner(lab: Lab) -> str:
    """The first process of the lab's own namespaces."""
    outside = lab.process.pid
    return Path(f"/proc/{outside}/task/{outside}/children").read_text().split()[0]


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Lab]:
    if os.geteuid() != 0 or not host_image().is_dir():
        pytest.skip("needs root and the sandbox's host image")
    with open_lab(("one",)) as opened:
        argv = [sys.executable, str(HERE / "name_server.py"), ELSEWHERE_IN_THE_LAB]
        (opened.work / "asked").touch()
        script = f'ip address add {ELSEWHERE_IN_THE_LAB}/24 dev lab; exec "$@"'
        inside = ["nsenter", f"--net=/proc/{_inner(opened)}/ns/net", "bash", "-ec", script, "-"]
        with subprocess.Popen([*inside, *argv, str(opened.work / "asked")]) as resolver:
            yield opened
            resolver.kill()
