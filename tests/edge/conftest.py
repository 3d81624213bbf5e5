"""A server of the host image in a chroot and a network of its own, with an ACME server."""

import asyncio
import shlex
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from liferaft.remote.contract import Command, CommandFailed, Completed
from liferaft.sandbox.images import build, read_recipe
from liferaft.sandbox.state import cache_folder

HERE = Path(__file__).parent
MARK = "/run/this-is-the-chroot"
"""Scripts run as root: each first proves that it is not on the machine itself."""
INSIDE = f"""
set -eu
cd "$1"
mount -t tmpfs tmpfs .
mkdir upper work root
mount -t overlay -o lowerdir="$2",upperdir=upper,workdir=work overlay root
mount -t proc proc root/proc
mount --rbind /dev root/dev
mount -t tmpfs tmpfs root/run
cp "$3/systemctl" root/usr/local/bin/systemctl
cp "$3/app.py" "$3/ca.Caddyfile" root/run/
chmod 755 root/usr/local/bin/systemctl
echo 127.0.0.1 localhost chirp.test ca.test >root/etc/hosts
ip link set lo up
sysctl -qw net.ipv4.ip_unprivileged_port_start=0
touch root{MARK}
exec chroot root sh -c 'echo ready; exec sleep infinity'
"""


@dataclass(frozen=True)
class ChrootHost:
    """The Host contract over nsenter: what is tested is the room, not SSH."""

    pid: int
    address: str = "127.0.0.1"

    async def run(
        self,
        command: Command,
        *,
        stdin: bytes = b"",
        deadline: float = 60.0,
        check: bool = True,
        redact: Sequence[SecretStr] = (),
    ) -> Completed:
        script = command if isinstance(command, str) else shlex.join(command)
        process = await asyncio.create_subprocess_exec(
            *("nsenter", "-t", str(self.pid), "-m", "-n", "-p", "-r", "-w"),
            *("bash", "-euo", "pipefail", "-c", f"test -e {MARK} || exit 99\n{script}"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        async with asyncio.timeout(deadline):
            out, err = await process.communicate(stdin)
        code = process.returncode or 0
        if check and code:
            raise CommandFailed(f"{command} ended with {code}: {err.decode()}", code, details={})
        return Completed(code, out, err)

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        await self.run(f"cat >{path}; chown {owner} {path}; chmod {mode:o} {path}", stdin=content)

    async def get(self, path: str) -> bytes:
        return (await self.run(["cat", path])).stdout

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.05
    ) -> Completed:
        end = time.monotonic() + deadline
        while True:
            done = await self.run(command, check=False)
            if done.exit_code == 0:
                return done
            assert time.monotonic() < end, f"waited for {until}: {done.stderr.decode()}"
            await asyncio.sleep(every)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[ChrootHost]:
    tree = build(read_recipe("host"), cache_folder(), print)
    room = tmp_path / "room"
    room.mkdir()
    unshared = ["unshare", "--mount", "--net", "--pid", "--propagation", "private", "--fork"]
    inner = ["sh", "-c", INSIDE, "sh", str(room), str(tree), str(HERE)]
    argv = [*unshared, "--kill-child", "--mount-proc", *inner]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            yield ChrootHost(int(children))
        finally:
            process.kill()


@pytest.fixture
async def ca_root(host: ChrootHost) -> str:
    """An ACME server at https://ca.test:9443/acme/lab/directory; the root of its certificates."""
    await host.run("caddy start --config /run/ca.Caddyfile --adapter caddyfile >/run/ca.log 2>&1")
    root = "/run/ca/pki/authorities/lab/root.crt"
    await host.wait(f"curl -s --cacert {root} https://ca.test:9443/", until="the CA", deadline=10)
    return (await host.get(root)).decode()
