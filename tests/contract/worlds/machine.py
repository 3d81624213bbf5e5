"""A machine that somebody else provides: real programs in a chroot, behind an SSH server that can
be made to fail."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh
from tests.hosts.chroot import chroot_host

from liferaft.clouds.ssh.scripts import FOLDER, RECORD, SSHD_GUARD

ALGORITHM = "ssh-ed25519"
_CHANGES = "# liferaft: who holds this machine"
_SETS_UP = f"{FOLDER}/user-data"
# Slow to ask, and nothing here puts containers or clusters on a machine.
_PREPARE = """
rm -f /usr/bin/podman /usr/bin/pg_lsclusters
mkdir -p /run/sshd /etc/ssh
umask 077
cat >/etc/ssh/ssh_host_ed25519_key
"""
_FORGET = f"rm -rf {FOLDER} {SSHD_GUARD}"
_NEVER_ENDS = b"#!/bin/sh\nsleep 60\n"


@dataclass
class Line:
    """What the lines to all machines of a world share."""

    changes: int = 0
    lose: Callable[[int], bool] | None = None
    burst: int = 0
    """How many connections are still to be cut before anything is said."""
    refusing: bool = False
    """Nobody's key is good any more."""
    hanging: bool = False
    """User data never comes to its end."""
    dying: bool = False
    """The next machine that is set up loses its power."""
    user_data: list[bytes] = field(default_factory=list)

    def mend(self) -> None:
        self.lose = None
        self.burst = 0
        self.refusing = self.hanging = self.dying = False


@dataclass
class PlainMachine:
    address: str
    pid: int
    """Of its first process: the namespaces that commands enter."""
    line: Line
    host_key: asyncssh.SSHKey
    client_key: asyncssh.SSHKey
    acceptor: asyncssh.SSHAcceptor | None = None
    dead: bool = False

    @property
    def port(self) -> int:
        assert self.acceptor is not None
        return self.acceptor.get_port()

    async def listen(self) -> None:
        self.acceptor = await asyncssh.listen(
            self.address,
            0,
            server_factory=lambda: _Guard(self),
            server_host_keys=[self.host_key],
            process_factory=self._serve,
            encoding=None,
        )

    def show(self, key: asyncssh.SSHKey) -> None:
        """Prove another host key from now on."""
        assert self.acceptor is not None
        self.acceptor.update(server_host_keys=[key])

    def run(self, script: str, stdin: bytes = b"") -> None:
        """On the machine itself, as its provider could."""
        subprocess.run([*self._inside(), "sh", "-euc", script], input=stdin, check=True)

    def hold(self, record: str) -> None:
        """Put another's record there."""
        self.run(f"mkdir -p {FOLDER}; cat >{RECORD}", record.encode())

    def revive(self) -> None:
        self.dead = False
        self.show(self.host_key)

    def forget(self) -> None:
        """As it was delivered."""
        self.run(_FORGET)

    def close(self) -> None:
        assert self.acceptor is not None
        self.acceptor.close()

    async def _serve(self, process: "asyncssh.SSHServerProcess[bytes]") -> None:
        command, line = process.command or "true", self.line
        stdin = await process.stdin.read()
        changes = _CHANGES in command
        line.changes += changes
        number = line.changes
        connection = process.channel.get_connection()
        if _SETS_UP in command and stdin:
            line.user_data.append(stdin)
            if line.dying:
                self.dead, line.dying = True, False
                connection.abort()
                return
            stdin = _NEVER_ENDS if line.hanging else stdin
        child = await asyncio.create_subprocess_exec(
            *(*self._inside(), "sh", "-c", command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
        )
        out, err = await child.communicate(stdin)
        if changes and line.lose is not None and line.lose(number):
            assert child.returncode == 0, err
            connection.abort()
            return
        process.stdout.write(out)
        process.stderr.write(err)
        process.exit(child.returncode or 0)

    def _inside(self) -> tuple[str, ...]:
        return ("nsenter", "-t", str(self.pid), "-m", "-n", "-p", "-r", "-w")


class _Guard(asyncssh.SSHServer):
    """Who is let in, if anybody."""

    def __init__(self, machine: PlainMachine) -> None:
        self._machine = machine

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        line = self._machine.line
        if self._machine.dead or line.burst > 0:
            line.burst = max(0, line.burst - 1)
            conn.abort()

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        known = key.public_data == self._machine.client_key.public_data
        return known and not self._machine.line.refusing


@contextmanager
def plain_machine(
    folder: Path, address: str, line: Line, client_key: asyncssh.SSHKey
) -> Iterator[PlainMachine]:
    """It does not listen yet. systemctl succeeds at everything: no systemd runs in a chroot."""
    systemctl = folder.with_suffix(".systemctl")
    systemctl.write_text("#!/bin/sh\nexit 0\n")
    host_key = asyncssh.generate_private_key(ALGORITHM)
    with chroot_host(folder, systemctl) as host:
        machine = PlainMachine(address, host.pid, line, host_key, client_key)
        machine.run(_PREPARE, host_key.export_private_key())
        yield machine
