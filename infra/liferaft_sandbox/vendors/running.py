"""The running services and control planes of a lab: started, watched, killed, started again."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress

import botocore.exceptions
import dns.exception

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.state import State
from liferaft_sandbox.vendors.services import Programs, Service, start

NOT_YET = (
    OSError,
    http.client.HTTPException,
    dns.exception.DNSException,
    botocore.exceptions.BotoCoreError,
    botocore.exceptions.ClientError,
)
"""What a service that is starting may do to a probe. A store that listens already answers 500 to
the first bucket (ClientError, which is no BotoCoreError) until its own parts have found another."""
READY_SECONDS = 180.0
POLL_SECONDS = 0.1
ENDED_SECONDS = 60.0

Probe = Callable[[], None]
"""Returns when its service is healthy; raises one of NOT_YET while it is not."""


class Vendors:
    """Everything in the lab that answers and is no host."""

    def __init__(self, state: State, programs: Programs) -> None:
        self.programs = programs
        self._state = state
        self._services: dict[str, Service] = {}
        self._probes: dict[str, Probe] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The services that can be killed and started again: they keep what they hold on disk."""
        return tuple(self._services)

    def know(self, service: Service, probe: Probe) -> None:
        """It may be started: `revive` does it."""
        self._services[service.name] = service
        self._probes[service.name] = probe

    def add(self, service: Service, probe: Probe) -> None:
        """Start it, and return at once."""
        self.know(service, probe)
        self._spawn(service)

    def adopt(self, name: str, process: subprocess.Popen[bytes], probe: Probe) -> None:
        """Watch a process that somebody else started, until all is healthy."""
        self._probes[name] = probe
        self._running[name] = process

    def await_health(self, say: Callable[[str], None]) -> None:
        """All that was started is healthy when this returns.

        Raises NotReadyInTime naming what is not, SandboxFailed when it ended.
        """
        deadline = time.monotonic() + READY_SECONDS
        for name in self._running:
            self._await(name, deadline)
            say(f"{name}: healthy")

    def kill(self, name: str) -> None:
        """It is gone when this returns: connections to it are refused."""
        process = self._running.get(self._require_known(name))
        if process is not None:
            _kill_group(process)

    def revive(self, name: str) -> None:
        """Healthy, with what it held, when this returns; also if it never died."""
        service = self._services[self._require_known(name)]
        process = self._running.get(name)
        if process is None or process.poll() is not None:
            self._spawn(service)
        self._await(name, time.monotonic() + READY_SECONDS)

    def _require_known(self, name: str) -> str:
        if name not in self._services:
            raise SandboxFailed(
                f"There is no service {name} in the sandbox.",
                do=f"There are: {', '.join(self._services)}.",
            )
        return name

    def _spawn(self, service: Service) -> None:
        self._running[service.name] = start(
            service,
            self.programs,
            folder=self._state.services / service.name,
            log=self._state.logs / f"{service.name}.log",
        )

    def _await(self, name: str, deadline: float) -> None:
        while True:
            ended = self._running[name].poll()
            if ended is not None:
                raise SandboxFailed(
                    f"{name} ended with {ended} while starting.", details={"log": self._log(name)}
                )
            try:
                return self._probes[name]()
            except NOT_YET as error:
                if time.monotonic() > deadline:
                    raise NotReadyInTime(
                        f"{name} was not healthy within {READY_SECONDS:.0f} s.",
                        details={"last answer": str(error), "log": self._log(name)},
                    ) from error
                time.sleep(POLL_SECONDS)

    def _log(self, name: str) -> str:
        said = (self._state.logs / f"{name}.log").read_text(errors="replace")
        return "\n".join(said.splitlines()[-15:])


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """A process that leads a group, and all that belong to it. Raises TimeoutExpired."""
    deadline = time.monotonic() + ENDED_SECONDS
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(ENDED_SECONDS)
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(POLL_SECONDS / 10)
        raise subprocess.TimeoutExpired(process.args, ENDED_SECONDS)
    process.wait(ENDED_SECONDS)
