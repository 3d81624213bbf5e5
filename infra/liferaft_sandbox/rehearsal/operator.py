"""The operator of a rehearsal: runs the product's own commands in the operator's place."""

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed

COMMAND_SECONDS = 900.0
STOP_SECONDS = 20.0
LAST_LINES = 12
PROGRESS = " s  "
"""In the lines by which a command shows its progress; the others go to the log alone."""


@dataclass(frozen=True)
class Operator:
    """Somebody with the application's folder, the sandbox's credentials, and `liferaft`.

    liferaft: argv that starts the command line. folder: where liferaft.toml lies. log: everything
    that the commands said. door: argv of the command line that knows the sandbox, where it is
    another one: an earlier liferaft does not.
    """

    liferaft: tuple[str, ...]
    sandbox: str
    folder: Path
    log: Path
    say: Callable[[str], None]
    door: tuple[str, ...] = ()

    def run(self, *arguments: str, exits: int = 0) -> str:
        """Run a command to its end, showing its progress; its standard output.

        Raises SandboxFailed when it does not end with the code `exits`, NotReadyInTime when it has
        not ended within COMMAND_SECONDS; then it was told to stop.
        """
        said_as = f"`liferaft {' '.join(arguments)}`"
        self.say(f"$ {said_as.strip('`')}")
        began = time.monotonic()
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                self.argv("operator", *self.liferaft, *arguments),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
            )
            said = self._wait_for_end(process, said_as)
            if process.returncode != exits:
                raise SandboxFailed(
                    f"{said_as} ended with exit code {process.returncode}.",
                    do=f"Everything that it said is in {self.log}.",
                    details={"said": "\n".join(said[-LAST_LINES:])},
                )
            self.say(f"  done in {time.monotonic() - began:.1f} s")
            output.seek(0)
            return output.read()

    def ask(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(self.run(*arguments, "--json"))

    def argv(self, place: str, *command: str) -> list[str]:
        """What runs a command in a place of the sandbox."""
        door = self.door or self.liferaft
        return [*door, "sandbox", "exec", "--name", self.sandbox, place, "--", *command]

    def _wait_for_end(self, process: "subprocess.Popen[str]", said_as: str) -> list[str]:
        """All that the process says on standard error, heard while it runs, once it is over."""
        lines: list[str] = []
        assert process.stderr is not None
        ear = threading.Thread(target=self._hear, args=(process.stderr, lines), daemon=True)
        ear.start()
        try:
            process.wait(COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            process.terminate()
            raise NotReadyInTime(
                f"Waited {COMMAND_SECONDS:.0f} s for {said_as} to end.",
                do=f"Everything that it said is in {self.log}.",
                details={"said": "\n".join(lines[-LAST_LINES:])},
            ) from None
        ear.join(STOP_SECONDS)
        return lines

    def _hear(self, source: IO[str], lines: list[str]) -> None:
        with source, self.log.open("a") as log:
            for line in source:
                log.write(line)
                lines.append(line.rstrip())
                if PROGRESS in line:
                    self.say(f"  {line.rstrip()}")
