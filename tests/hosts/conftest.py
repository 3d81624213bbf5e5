"""A server of the host image with a real sshd, in a chroot of its own, on a port of loopback."""

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from liferaft.sandbox.images import build, read_recipe
from liferaft.sandbox.state import cache_folder

SYSTEMCTL = """\
#!/bin/sh
# No systemd runs in a chroot: what our scripts ask of it, done by hand.
case "$*" in
"restart ssh") kill "$(cat /run/sshd.pid)" 2>/dev/null; exec /usr/sbin/sshd -p {port} ;;
"reload ssh") exec kill -HUP "$(cat /run/sshd.pid)" ;;
esac
"""
INSIDE = """
set -eu
mount -t tmpfs tmpfs {room}
mkdir {room}/upper {room}/work {room}/root
mount -t overlay -o lowerdir={tree},upperdir={room}/upper,workdir={room}/work overlay {room}/root
mount -t proc proc {room}/root/proc
mount --rbind /dev {room}/root/dev
mount -t tmpfs tmpfs {room}/root/run
mkdir {room}/root/run/sshd
cp {systemctl} {room}/root/usr/local/bin/systemctl
chmod 755 {room}/root/usr/local/bin/systemctl
touch {room}/root{inside}
exec chroot {room}/root sh -c 'echo ready; exec sleep infinity'
"""
MARK = "/run/this-is-the-chroot"
"""Scripts run as root: each first proves that it is not on the machine itself."""


@dataclass(frozen=True)
class Server:
    """One chroot; everything in it dies with its first process."""

    port: int
    pid: int

    def run(self, script: str, stdin: str = "") -> str:
        """As root, in the chroot, like cloud-init or a console would."""
        guarded = f"test -e {MARK} || exit 99\n{script}"
        inside = ["nsenter", "-t", str(self.pid), "-m", "-p", "-r", "-w", "sh", "-euc", guarded]
        path = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        ended = subprocess.run(
            inside, input=stdin, capture_output=True, text=True, timeout=30, check=False, env=path
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def boot(self, user_data: str) -> None:
        """What cloud-init does with a script."""
        self.run("cat >/run/user-data; chmod 700 /run/user-data; /run/user-data", user_data)


@pytest.fixture(scope="session")
def host_tree() -> Path:
    return build(read_recipe("host"), cache_folder(), print)


@pytest.fixture
def server(host_tree: Path, tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(SYSTEMCTL.format(port=port))
    room = tmp_path / "room"
    room.mkdir()
    script = INSIDE.format(room=room, inside=MARK, tree=host_tree, systemctl=systemctl)
    unshared = ["unshare", "--mount", "--pid", "--propagation", "private", "--fork"]
    argv = [*unshared, "--kill-child", "--mount-proc", "sh", "-c", script]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
            yield Server(port, int(children))
        finally:
            process.kill()
