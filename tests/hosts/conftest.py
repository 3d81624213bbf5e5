"""Servers of the host image in a chroot: one with a real sshd, one with real containers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.hosts.chroot import ChrootHost, chroot_host
from tests.hosts.ports import quiet_port

HERE = Path(__file__).parent
SSH_SYSTEMCTL = """\
#!/bin/sh
# Nobody waits for what has ended here: it stays as a zombie, which runs no program.
runs() {{ readlink "/proc/$1/exe" >/dev/null; }}
case "$*" in
"restart ssh")
    if old=$(cat /run/sshd.pid 2>/dev/null); then
        kill "$old" 2>/dev/null
        while runs "$old"; do sleep 0.02; done
    fi
    exec /usr/sbin/sshd -p {port}
    ;;
"reload ssh") exec kill -HUP "$(cat /run/sshd.pid)" ;;
esac
"""
PODMAN_IN_A_CHROOT = r"""
mount -t sysfs sysfs /sys; mount -t cgroup2 none /sys/fs/cgroup
ip link set lo up
sed -i 's/driver = .*/driver = "vfs"/' /etc/containers/storage.conf
"""
SHELL_IMAGE = """
tar --create --dereference /bin/sh /bin/sleep /lib/x86_64-linux-gnu/libc.so.6 \\
    /lib64/ld-linux-x86-64.so.2 2>/dev/null | podman import --quiet - localhost/shell:1
"""


@dataclass(frozen=True)
class Server:
    """A host as its console sees it, and its SSH port on the machine's loopback."""

    port: int
    host: ChrootHost

    async def run(self, script: str, stdin: str = "") -> str:
        """As root, without SSH."""
        return (await self.host.run(script, stdin=stdin.encode())).stdout.decode()

    async def boot(self, user_data: str) -> None:
        """What cloud-init does with a script."""
        await self.run("cat >/run/user-data; chmod 700 /run/user-data; /run/user-data", user_data)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    port = quiet_port()
    systemctl = tmp_path / "systemctl"
    systemctl.write_text(SSH_SYSTEMCTL.format(port=port))
    with chroot_host(tmp_path / "room", systemctl, own_network=False) as host:
        await host.run(["mkdir", "/run/sshd"])
        yield Server(port, host)


@pytest.fixture
async def container_host(tmp_path: Path) -> AsyncIterator[ChrootHost]:
    """With podman, in a network of its own, and an image of a shell: `localhost/shell:1`."""
    with chroot_host(tmp_path / "room", HERE / "systemctl") as host:
        await host.run(PODMAN_IN_A_CHROOT)
        await host.run(SHELL_IMAGE)
        yield host
