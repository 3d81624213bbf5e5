"""The Host contract over a modelled server."""

import asyncio
import posixpath
import shlex
from dataclasses import dataclass, field

from tests.models.call import Flood, Late
from tests.models.line import Line
from tests.models.machine import Machine

from liferaft.failures import DeadlinePassed
from liferaft.remote.contract import OUTPUT_LIMIT, Command, CommandFailed, Completed, ConnectionLost
from liferaft.remote.streams import last_lines


@dataclass
class HostModel:
    """A connection to a server, over a line that may fail."""

    machine: Machine
    line: Line = field(default_factory=Line)

    @property
    def address(self) -> str:
        return self.machine.address

    async def run(
        self,
        command: Command,
        *,
        stdin: bytes = b"",
        deadline: float = 60.0,
        check: bool = True,
    ) -> Completed:
        shown = " ".join((command if isinstance(command, str) else shlex.join(command)).split())
        with self.line.request(f"{self.address}: {shown[:100]}", self._lost):
            try:
                code, out, err = await self.machine.execute(command, stdin, deadline)
            except Late:
                raise DeadlinePassed(
                    f"`{shown}` on {self.address} did not end within {deadline:g} seconds and was"
                    " killed"
                ) from None
            except Flood:
                raise CommandFailed(
                    f"`{shown}` on {self.address} wrote more than {OUTPUT_LIMIT} bytes and was"
                    " ended",
                    None,
                    details={},
                ) from None
        if check and code:
            ending = last_lines(err)
            raise CommandFailed(
                f"`{shown}` on {self.address} ended with exit code {code}: {ending}",
                code,
                details={"host": self.address, "stderr": ending},
            )
        return Completed(code, out, err)

    def _lost(self, what: str) -> ConnectionLost:
        return ConnectionLost(f"The connection broke during {what}", details={"host": self.address})

    async def put(
        self, path: str, content: bytes, *, mode: int = 0o600, owner: str = "root:root"
    ) -> None:
        folder, new = posixpath.dirname(path), f"{path}.put"
        script = (
            f"umask 077; mkdir -p -- {shlex.quote(folder)}; "
            f"trap {shlex.quote(f'rm -f -- {shlex.quote(new)}')} EXIT; cat > {shlex.quote(new)}; "
            f"chown -- {owner} {shlex.quote(new)}; chmod -- {mode:o} {shlex.quote(new)}; "
            f"mv -fT -- {shlex.quote(new)} {shlex.quote(path)}"
        )
        await self.run(script, stdin=content)

    async def get(self, path: str) -> bytes:
        return (await self.run(["cat", "--", path])).stdout

    async def wait(
        self, command: Command, *, until: str, deadline: float, every: float = 0.25
    ) -> Completed:
        end, said = self.machine.clock + deadline, ""
        while True:
            left = max(end - self.machine.clock, 1.0)
            vain = f"Waited {deadline:g} seconds for {until} on {self.address}, in vain"
            try:
                done = await self.run(command, deadline=left, check=False)
            except DeadlinePassed as late:
                details = {"stderr": said, "asked": late.facts.happened}
                raise DeadlinePassed(vain, details=details) from late
            if done.exit_code == 0:
                return done
            said = last_lines(done.stderr)
            self.machine.clock += every
            if self.machine.clock >= end:
                raise DeadlinePassed(vain, details={"stderr": said})
            await asyncio.sleep(0)

    async def close(self) -> None:
        """Nothing is open."""
