"""One process of the Pulumi CLI at a time, as the Automation API asks for it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi.automation import CommandResult, PulumiCommand
from pulumi.automation.errors import create_command_error
from semver import VersionInfo


class Command(PulumiCommand):
    """The executable, with an environment that is given whole, and a way to end what it runs."""

    def __init__(
        self, path: Path, version: tuple[int, int, int], environment: Mapping[str, str]
    ) -> None:
        # Not the SDK's own: that one looks for any `pulumi` on this process's PATH.
        self.command = str(path)
        self.version = VersionInfo(*version)
        self._environment = environment
        self._running: subprocess.Popen[str] | None = None
        self._ended = False

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Any = None,
        on_error: Any = None,
    ) -> CommandResult:
        """Run the CLI as the SDK's own method does. Raises its CommandError."""
        if self._ended:
            raise create_command_error(CommandResult("", "interrupted", 130))
        with subprocess.Popen(
            [self.command, "--non-interactive", *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env={**self._environment, **additional_env, "PULUMI_AUTOMATION_API": "true"},
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # a Ctrl-C reaches it once, through us
        ) as self._running:
            out, err = self._running.communicate()
        result = CommandResult(stdout=out, stderr=err, code=self._running.returncode)
        if result.code != 0:
            raise create_command_error(result)
        return result

    def interrupt(self) -> None:
        """Ask the CLI to start nothing new; after this no further command begins."""
        self._ended = True
        if self._running is not None:
            with contextlib.suppress(ProcessLookupError):
                self._running.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End the CLI with all that it started."""
        self._ended = True
        if self._running is not None and self._running.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)

    @property
    def killed(self) -> int | None:
        """The pid of a CLI that ended by a signal, and so left its lock behind."""
        process = self._running
        return process.pid if process is not None and (process.returncode or 0) < 0 else None
