"""A host over SSH: pinned host keys, one client key, commands as root (others through sudo)."""

import asyncio
import secrets
import shlex
import time
from collections.abc import Sequence
from pathlib import PurePosixPath

import asyncssh
from pydantic import SecretStr

from liferaft.failures import DeadlinePassed, Own
from liferaft.remote import attached
from liferaft.remote.attached import Streams
from liferaft.remote.contract import (
    OUTPUT_LIMIT,
    Command,
    CommandFailed,
    Completed,
    ConnectionLost,
)
from liferaft.remote.session import Endpoint, open_session
from liferaft.remote.streams import Drained, drain, last_lines

RECONNECT_SECONDS = 15.0
"""How long a lost connection may take to come back before a command is given up."""
_GRACE_SECONDS = 10.0
_SHOWN = 100  # characters of a command in messages
_TIMED_OUT = (124, 137)  # timeout(1): ended by TERM, or by KILL
_PUT = """
umask 077; mkdir -p -- "$3"; trap 'rm -f -- "$1"' EXIT
cat > "$1"; chown -- "$4" "$1"; chmod -- "$5" "$1"; sync -- "$1"
mv -fT -- "$1" "$2"; sync -- "$3"
"""


async def connect(
    address: str,
    *,
    client_key: SecretStr,
    host_keys: Sequence[str],
    deadline: float,
    user: str = "liferaft",
    port: int = 22,
    booting: bool = True,
) -> "SshHost":
    """A host once it lets us in, at most `deadline` seconds from now: it may still be `booting`,
    else it is asked once.

    client_key: private, OpenSSH format. host_keys: public, `ssh-ed25519 AAAA…`; the host must
    prove one of them, there is no trust on first use. Raises HostKeyMismatch at once when it
    shows another, Unreachable when the deadline passes.
    """
    endpoint = Endpoint(address, port, user, client_key, tuple(host_keys))
    return SshHost(endpoint, await open_session(endpoint, deadline, booting=booting))


class SshHost:
    """The Host contract over one SSH connection."""

    def __init__(self, endpoint: Endpoint, session: asyncssh.SSHClientConnection) -> None:
        self._endpoint = endpoint
        self._session = session
        self._opening = asyncio.Lock()

    @property
    def address(self) -> str:
        return self._endpoint.address

    def __repr__(self) -> str:
        return f"SshHost({self.address})"

    async def run(
        self,
        command: Command,
        *,
        stdin: bytes = b"",
        deadline: float = 60.0,
        check: bool = True,
    ) -> Completed:
        shown = _shown(command)
        begun = time.monotonic()
        process = await self._start(_as_root(command, deadline, self._endpoint.user))
        try:
            async with asyncio.timeout(deadline + _GRACE_SECONDS):
                drained = await drain(process, stdin)
        except TimeoutError as error:
            raise self._late(shown, deadline) from error
        finally:
            process.close()
        if drained.overflowed:
            raise CommandFailed(
                f"{shown} on {self.address} wrote more than {OUTPUT_LIMIT} bytes and was ended",
                None,
                details={"host": self.address},
            )
        if drained.exit_code is None:
            raise ConnectionLost(
                f"The connection to {self.address} broke during {shown}",
                safe=Own("It may have run on the host to its end, or not at all."),
                do="Run the same command again: every step looks before it acts.",
                details={"host": self.address},
            )
        if drained.exit_code in _TIMED_OUT and time.monotonic() - begun >= deadline:
            raise self._late(shown, deadline)
        if check and drained.exit_code != 0:
            raise self._failed(shown, drained)
        return Completed(drained.exit_code, drained.stdout, drained.stderr)

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        target = PurePosixPath(path)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        arguments = (str(temporary), str(target), str(target.parent), owner, f"{mode:o}")
        await self.run(["bash", "--norc", "-euc", _PUT, "put", *arguments], stdin=content)

    async def get(self, path: str) -> bytes:
        return (await self.run(["cat", "--", path])).stdout

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.25
    ) -> Completed:
        end = time.monotonic() + deadline
        vain = f"Waited {deadline:g} seconds for {until} on {self.address}, in vain"
        said = ""
        while True:
            left = max(end - time.monotonic(), 1.0)
            try:
                done = await self.run(command, deadline=left, check=False)
            except DeadlinePassed as late:
                details = {"host": self.address, "stderr": said, "asked": late.facts.happened}
                raise DeadlinePassed(vain, details=details) from late
            if done.exit_code == 0:
                return done
            said = last_lines(done.stderr)
            if time.monotonic() + every >= end:
                raise DeadlinePassed(vain, details={"host": self.address, "stderr": said})
            await asyncio.sleep(every)

    async def attach(self, command: Sequence[str], streams: Streams) -> int:
        """See `attached.Attachable`."""
        process = await self._session.create_process(
            attached.line(command, self._endpoint.user),
            encoding=None,
            term_type=streams.kind or None,
            term_size=streams.size() if streams.kind else (),
        )
        try:
            return await attached.talk(process, streams, self.address)
        finally:
            process.close()

    async def close(self) -> None:
        self._session.close()
        await self._session.wait_closed()

    async def _start(self, line: str) -> "asyncssh.SSHClientProcess[bytes]":
        """Start a command; on a connection that was lost before, on a new one."""
        try:
            return await self._session.create_process(line, encoding=None)
        except (asyncssh.ConnectionLost, asyncssh.ChannelOpenError, OSError):
            # Nothing was sent, so nothing ran.
            lost = self._session
        async with self._opening:
            if self._session is lost:
                lost.close()
                self._session = await open_session(self._endpoint, RECONNECT_SECONDS)
        return await self._session.create_process(line, encoding=None)

    def _late(self, shown: str, deadline: float) -> DeadlinePassed:
        return DeadlinePassed(
            f"{shown} on {self.address} did not end within {deadline:g} seconds and was killed",
            details={"host": self.address},
        )

    def _failed(self, shown: str, drained: Drained) -> CommandFailed:
        ending = last_lines(drained.stderr)
        return CommandFailed(
            f"{shown} on {self.address} ended with exit code {drained.exit_code}: {ending}",
            drained.exit_code,
            details={"host": self.address, "stderr": ending},
        )


def _as_root(command: Command, deadline: float, user: str) -> str:
    """The line to send; root itself needs no sudo, and may have none. timeout(1) ends the command
    on the host, even if we are gone by then."""
    # Started by sshd, bash would read the host's bashrc, which is not written for `-u`.
    script = ["bash", "--norc", "-euo", "pipefail", "-c", command]
    words = script if isinstance(command, str) else list(command)
    limit = ["timeout", "--kill-after=5", f"{max(deadline, 0.1):.1f}"]
    sudo = [] if user == "root" else ["sudo", "-n", "--"]
    return shlex.join([*sudo, *limit, *words])


def _shown(command: Command) -> str:
    text = command if isinstance(command, str) else shlex.join(command)
    text = " ".join(text.split())
    return f"`{text if len(text) <= _SHOWN else text[: _SHOWN - 3] + '...'}`"
