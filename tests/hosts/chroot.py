"""A server of the host image in a chroot, for tests that need its real programs without a boot."""

import asyncio
import shlex
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liferaft.failures import DeadlinePassed
from liferaft.remote.contract import Command, CommandFailed, Completed
from liferaft_sandbox.lab.images import build, read_recipe
from liferaft_sandbox.state import cache_folder

MARK = "/run/this-is-the-chroot"
"""Scripts run as root: each first proves that it is not on the machine itself."""
_INSIDE = f"""
set -eu
cd "$1"
mount -t tmpfs tmpfs .
mkdir upper work root
mount -t overlay -o lowerdir="$2",upperdir=upper,workdir=work overlay root
mount -t proc proc root/proc
mount --rbind /dev root/dev
mount -t tmpfs tmpfs root/run
install -m 755 "$3" root/usr/local/bin/systemctl
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
        try:
            async with asyncio.timeout(deadline):
                out, err = await process.communicate(stdin)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise DeadlinePassed(f"{command} did not end within {deadline} s") from None
        code = process.returncode or 0
        if check and code:
            said = err.decode()
            details = {"stderr": said}
            raise CommandFailed(f"{command} ended with {code}: {said}", code, details=details)
        return Completed(code, out, err)

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        folder = Path(path).parent
        await self.run(
            f"mkdir -p {folder}; cat >{path}; chown {owner} {path}; chmod {mode:o} {path}",
            stdin=content,
        )

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


@contextmanager
def chroot_host(room: Path, systemctl: Path, *, own_network: bool = True) -> Iterator[ChrootHost]:
    """A host whose `systemctl` is the given script: no systemd runs in a chroot.

    Everything in it dies with its first process. With `own_network` it has a loopback of its own.
    """
    tree = build(read_recipe("host"), cache_folder(), print)
    room.mkdir()
    unshared = ["unshare", "--mount", "--pid", "--propagation", "private", "--fork"]
    network = ["--net"] if own_network else []
    inner = ["sh", "-c", _INSIDE, "sh", str(room), str(tree), str(systemctl)]
    argv = [*unshared, *network, "--kill-child", "--mount-proc", *inner]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            yield ChrootHost(int(children))
        finally:
            process.kill()
