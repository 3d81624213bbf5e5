"""Servers of the host image in a chroot: one with a real sshd, one with real containers."""

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.hosts.chroot import ChrootHost, chroot_host

HERE = Path(__file__).parent
SSH_SYSTEMCTL = """\
#!/bin/sh
case "$*" in
"restart ssh") kill "$(cat /run/sshd.pid)" 2>/dev/null; exec /usr/sbin/sshd -p {port} ;;
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
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
