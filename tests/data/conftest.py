"""Real hosts of the sandbox's image, a real object store over TLS, and `Host` for both."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.data.fault_front import RULES, Fault
from tests.data.lab_certificates import make_certificates
from tests.data.lab_identities import identities

from liferaft.remote.contract import Command, Completed
from liferaft.remote.waiting import wait_until
from liferaft.site.reach import VaultAccess
from liferaft_sandbox.lab.images import image_folder, read_recipe
from liferaft_sandbox.state import cache_folder

HERE = Path(__file__).parent
PATIENCE = 180.0
"""Seconds for what comes by itself, on a busy machine too: a boot, a copy, an archived segment."""
SECRET_KEY = "the-vaults-secret-key-7d1f"
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}


@dataclass
class LocalHost:
    """A booted nspawn host, entered from outside: the same contract as SSH to a server."""

    name: str
    address: str
    leader: int
    cgroup: Path

    async def run(
        self,
        command: Command,
        *,
        stdin: bytes = b"",
        deadline: float = 60.0,
        check: bool = True,
    ) -> Completed:
        script = ["bash", "-euo", "pipefail", "-c"]
        words = [*script, command] if isinstance(command, str) else list(command)
        process = await asyncio.create_subprocess_exec(
            *("nsenter", "-t", str(self.leader), "-a", "-r", "-w", "--", *words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
        async with asyncio.timeout(deadline):
            stdout, stderr = await process.communicate(stdin)
        assert process.returncode is not None
        if check:
            assert process.returncode == 0, (words, stdout, stderr)
        return Completed(process.returncode, stdout, stderr)

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        script = (
            'umask 077; new=$1.$$; cat >"$new"; chown "$3" "$new"; chmod "$2" "$new";'
            ' mv "$new" "$1"'
        )
        argv = ["bash", "-ec", script, "-", path, f"{mode:o}", owner]
        await self.run(argv, stdin=content, deadline=60)

    async def get(self, path: str) -> bytes:
        return (await self.run(["cat", path], deadline=60)).stdout

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.25
    ) -> Completed:
        raise NotImplementedError(until, command, deadline, every)

    async def close(self) -> None:
        """Nothing is held open."""

    async def text(self, command: str, deadline: float = 60) -> str:
        return (await self.run(command, deadline=deadline)).text

    async def seen_while(self, act: Awaitable[Any]) -> str:
        """Everything that stood in a command line or environment of the host during the act."""
        script = (
            "rm -f /tmp/seen-enough; until [ -e /tmp/seen-enough ]; do"
            " (cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ || true) 2>/dev/null; sleep 0.02; done"
            " | tr '\\0' '\\n' | sort -u"
        )
        watching = asyncio.create_task(self.run(script, deadline=2 * PATIENCE))
        await act
        await self.run(["touch", "/tmp/seen-enough"])
        return (await watching).stdout.decode(errors="replace")

    async def reboot(self) -> None:
        """Return once the next boot is through."""
        before = self.leader
        await self.run(["systemctl", "--no-block", "reboot"])

        async def is_up_again() -> bool:
            now = _leader(self.cgroup)
            self.leader = before if now is None else now
            return self.leader != before and _is_up(self.leader)

        assert await wait_until(is_up_again, seconds=PATIENCE)

    def kill(self) -> None:
        """The host is gone at once, as when its account is closed."""
        (self.cgroup / "cgroup.kill").write_text("1")


@dataclass
class Lab:
    process: subprocess.Popen[bytes]
    work: Path
    hosts: dict[str, LocalHost]
    vault: VaultAccess
    """As a site's servers reach it: they add, and delete no more than docs/vaults.md lets them."""
    second: VaultAccess
    """The same of another; served only where it was asked for."""

    @property
    def for_reading(self) -> VaultAccess:
        """The first, as servers reach it that only try a restore."""
        return replace(self.vault, access_key="reading")

    @property
    def of_operator(self) -> VaultAccess:
        """The first, with the key that may do everything."""
        return replace(self.vault, access_key="lab")

    def fail(self, *faults: Fault) -> None:
        """From now on these happen to the first store's requests, and no others. Where it has a
        front."""
        half = self.work / "faults.half"
        half.write_text(json.dumps([asdict(fault) for fault in faults]))
        half.rename(self.work / RULES)


def _cgroups() -> Path:
    """Where this machine has version 2 mounted, alone or beside version 1."""
    mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
    return next(Path(mount[1]) for mount in mounts if mount[2] == "cgroup2")


def _leader(cgroup: Path) -> int | None:
    """systemd of the host, by its pid outside of every namespace."""
    members = cgroup / "payload" / "init.scope" / "cgroup.procs"
    pids = members.read_text().split() if members.exists() else []
    return int(pids[0]) if pids else None


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Hosts named by the marker `hosts`, or one; everything is gone when the test ends."""
    if os.geteuid() != 0 or not host_image().is_dir():
        pytest.skip("needs root and the sandbox's host image")
    with open_lab(getattr(request, "param", ("one",))) as opened:
        yield opened


@pytest.fixture
def two_stores(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """As `lab`, with a second store beside the first."""
    if os.geteuid() != 0 or not host_image().is_dir():
        pytest.skip("needs root and the sandbox's host image")
    with open_lab(getattr(request, "param", ("one",)), second=True) as opened:
        yield opened


def host_image() -> Path:
    return image_folder(read_recipe("host"), cache_folder())


@contextmanager
def open_lab(
    names: tuple[str, ...],
    *,
    round_trip: float = 0.0,
    second: bool = False,
    front: bool = False,
) -> Iterator[Lab]:
    """Hosts of these names, and a store. round_trip: seconds between it and them; 0 for what the
    machine has. second: whether another store stands beside it. front: whether hosts reach the
    first one through `fault_front`."""
    name = f"data-lab-{uuid.uuid4().hex[:8]}"
    work = Path(tempfile.mkdtemp(prefix=f"{name}-", dir="/var/tmp"))
    work.chmod(0o755)
    make_certificates(work)
    (work / "s3.json").write_text(json.dumps(identities(SECRET_KEY)))
    weed = Path(sys.executable).parent / "weed"
    process = subprocess.Popen(
        [
            *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
            *("--propagation", "private", "bash", str(HERE / "lab.sh")),
            *(str(work), str(host_image()), name, str(weed), *names),
        ],
        env={
            **ENVIRONMENT,
            "PYTHON": sys.executable,
            "ROUND_TRIP": str(round_trip or ""),
            "SECOND": "yes" if second else "",
            "FRONT": str(HERE / "fault_front.py") if front else "",
        },
    )
    try:
        hosts = {one: _booted(one, 11 + n, name) for n, one in enumerate(names)}
        vault = VaultAccess(
            name="main",
            bucket="chirp-vault",
            host="objects.lab.test",
            port=8443,
            region="us-east-1",
            access_key="adding",
            secret_key=SECRET_KEY,
            ca_file="/etc/ssl/liferaft/vault-ca.pem",
            prefix="chirp/",
        )
        other = replace(vault, name="second", host="objects.second.test")
        asyncio.run(_buckets(hosts[names[0]], *([vault, other] if second else [vault])))
        yield Lab(process, work, hosts, vault, other)
    finally:
        _killed(process)
        _gone(work, name, names)


def _killed(process: subprocess.Popen[bytes]) -> None:
    """With everything in it: the first process of its namespace ends after all others there."""
    if process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in [int(child) for child in children] or [process.pid]:
            os.kill(pid, signal.SIGKILL)
    process.wait(timeout=60)


def _booted(host: str, number: int, lab_name: str) -> LocalHost:
    cgroup = _cgroups() / f"{lab_name}-{host}"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        leader = _leader(cgroup)
        if leader is not None and _is_up(leader):
            return LocalHost(host, f"10.99.0.{number}", leader, cgroup)
        time.sleep(0.2)
    pytest.fail(f"host {host} did not boot within {PATIENCE:.0f} s")


def _is_up(leader: int) -> bool:
    argv = ["nsenter", "-t", str(leader), "-a", "-r", "-w", "systemctl", "is-system-running"]
    asked = subprocess.run(argv, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    return asked.stdout.strip() in {"running", "degraded"}


async def _buckets(host: LocalHost, *stores: VaultAccess) -> None:
    """Each store answers, and the vault and two sites' buckets are there."""
    config = "".join(
        f"[{remote}]\ntype=s3\nprovider=Other\nendpoint={store.url}\n"
        f"access_key_id=lab\nsecret_access_key={SECRET_KEY}\nforce_path_style=true\n"
        for remote, store in zip(("lab", "second"), stores, strict=False)
    )
    await host.put("/root/lab.conf", config.encode(), mode=0o600, owner="root")
    for remote in ("lab", "second")[: len(stores)]:
        for bucket in ("chirp-vault", "old-media", "new-media"):
            await host.text(
                "until rclone --config /root/lab.conf --ca-cert /etc/ssl/liferaft/vault-ca.pem"
                f" --retries 1 mkdir {remote}:{bucket}; do sleep 0.5; done",
                deadline=PATIENCE,
            )


def _gone(work: Path, name: str, hosts: Sequence[str]) -> None:
    for host in hosts:
        cgroup = _cgroups() / f"{name}-{host}"
        deadline = time.monotonic() + 60
        while cgroup.exists() and time.monotonic() < deadline:
            for folder in sorted(cgroup.rglob("*/"), reverse=True):
                _without_error(folder)
            _without_error(cgroup)
            time.sleep(0.1)
    shutil.rmtree(work)


def _without_error(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # still holds a dying process: the caller tries again until its deadline
