"""A machine that somebody else provides, with Debian's own sshd, in namespaces of its own."""

import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
from tests.hosts.chroot import MARK, ChrootHost, chroot_host
from tests.hosts.keys import new_key_pair

from liferaft.clouds.contract import Cloud, Owner
from liferaft.clouds.control_plane import Patience
from liferaft.clouds.inventory import Inventory, InventoryMachine
from liferaft.clouds.registry import open_cloud
from liferaft.hosts.keys import SshKeyPair

INSIDE: Final = ("-m", "-n", "-p", "-r", "-w")
HURRY = Patience(attempts=6, budget=100, wait_initial=0.05, wait_max=0.1, poll=0.05, ready=100)


@dataclass
class Colo:
    """The machine, who gets in there, and the site that it is the only machine of."""

    host: ChrootHost
    inventory: Inventory
    credentials: dict[str, str]

    @property
    def machine(self) -> InventoryMachine:
        return self.inventory.machines[0]

    def open(self, **of_machine: str) -> Cloud:
        machine = replace(self.machine, **of_machine)  # type: ignore[arg-type]  # texts only
        inventory = replace(self.inventory, machines=(machine,))
        return open_cloud("ssh", "colo", self.credentials, inventory=inventory, patience=HURRY)

    def console(self, script: str) -> str:
        """As root, without SSH."""
        argv = ["nsenter", "-t", str(self.host.pid), *INSIDE, "bash", "-euc"]
        inside = [*argv, f"test -e {MARK}; {script}"]
        done = subprocess.run(inside, check=False, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr
        return done.stdout

    @staticmethod
    def owner(of: str) -> Owner:
        return Owner.of(f"urn:{of}", app="chirp", site="colo", epoch=1)


@pytest.fixture
def colo(tmp_path: Path) -> Iterator[Colo]:
    operator, own = new_key_pair(), new_key_pair()
    systemctl = tmp_path / "systemctl"
    systemctl.write_text("#!/bin/sh\nexit 0\n")
    key_file = tmp_path / "key"
    key_file.touch(0o600)
    key_file.write_text(operator.private)
    with chroot_host(tmp_path / "room", systemctl) as host, _sshd(host.pid) as port:
        machine = InventoryMachine(
            *("m1", "127.0.0.1", "10.40.0.11", f"{own.public} as-on-its-console"),
            cpus=2,
            memory=4096,
            disk=40,
            port=port,
        )
        credentials = {"LIFERAFT_SSH_KEY_FILE": str(key_file)}
        colo = Colo(host, Inventory(machines=(machine,)), credentials)
        _install(colo, operator, own)
        yield colo


def _install(colo: Colo, operator: SshKeyPair, own: SshKeyPair) -> None:
    """What the provider's people do, with host keys of other types beside the declared one."""
    colo.console(
        f"""
        umask 077; mkdir -p /run/sshd /root/.ssh
        echo '{operator.public}' >/root/.ssh/authorized_keys
        echo '{own.private}' >/etc/ssh/ssh_host_ed25519_key
        ssh-keygen -qA
        ln -s systemctl /usr/local/bin/podman
        """
    )


class _Sshd(socketserver.ThreadingTCPServer):
    """One sshd for each connection, as inetd would: the machine's network is its own."""

    daemon_threads = True
    pid = 0

    def finish_request(self, request: object, client_address: object) -> None:
        argv = ["nsenter", "-t", str(self.pid), *INSIDE, "/usr/sbin/sshd", "-i"]
        subprocess.run(argv, stdin=request, stdout=request, check=False)  # type: ignore[call-overload]  # a socket


@contextmanager
def _sshd(pid: int) -> Iterator[int]:
    """Its port on the loopback."""
    with _Sshd(("127.0.0.1", 0), socketserver.BaseRequestHandler) as server:
        server.pid = pid
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield int(server.server_address[1])
        server.shutdown()
        thread.join()
