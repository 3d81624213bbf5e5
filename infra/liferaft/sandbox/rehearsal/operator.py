"""The operator of a rehearsal: runs the product's own commands in the operator's place."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liferaft.sandbox.failures import SandboxFailed

COMMAND_SECONDS = 900.0


@dataclass(frozen=True)
class Operator:
    """Somebody with the application's folder, the sandbox's credentials, and `liferaft`.

    liferaft: argv that starts the command line. folder: where liferaft.toml lies. log: everything
    that the commands said.
    """

    liferaft: tuple[str, ...]
    sandbox: str
    folder: Path
    log: Path
    say: Callable[[str], None]

    def run(self, *arguments: str) -> str:
        """Run a command to its end, showing what it says; its standard output.

        Raises SandboxFailed when it fails.
        """
        self.say(f"$ liferaft {' '.join(arguments)}")
        began = time.monotonic()
        process = subprocess.Popen(
            self.argv("operator", *self.liferaft, *arguments),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = self._heard(process)
        output, _ = process.communicate(timeout=COMMAND_SECONDS)
        if process.returncode:
            raise SandboxFailed(
                f"`liferaft {' '.join(arguments)}` ended with exit code {process.returncode}.",
                do=f"Everything that it said is in {self.log}.",
                details={"said": "\n".join(said[-12:])},
            )
        self.say(f"  done in {time.monotonic() - began:.1f} s")
        return output

    def ask(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        return json.loads(self.run(*arguments, "--json"))

    def argv(self, place: str, *command: str) -> list[str]:
        """What runs a command in a place of the sandbox."""
        return [*self.liferaft, "sandbox", "exec", "--name", self.sandbox, place, "--", *command]

    def _heard(self, process: "subprocess.Popen[str]") -> Sequence[str]:
        lines: list[str] = []
        assert process.stderr is not None
        with self.log.open("a") as log:
            for line in process.stderr:
                log.write(line)
                lines.append(line.rstrip())
                if " s  " in line:
                    self.say(f"  {line.rstrip()}")
        return lines
