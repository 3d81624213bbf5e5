"""The application's own check as a command, run in a container that serves in a drill."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from liferaft.config import Config
from liferaft.config.drill_check import SECONDS, CheckCommand
from liferaft.hosts.workload import PROJECT
from liferaft.moves.actions.drill import NotAsItShould, StartOnTrial
from liferaft.site.roster import roster
from liferaft.site.world import World

AROUND_SECONDS: Final = 60.0
"""For the way to the server and back, and for a command that does not end when it is told to."""
_TOLD_LINES: Final = 20
_TOLD: Final = 2000
"""Characters of what it said last."""
_READ: Final = 65536
_LATE: Final = (124, 137)
"""How `timeout` ends for a command that did not end in time, or not even then."""


@dataclass(frozen=True)
class RunCheckOnTrial(StartOnTrial):
    """A command in the container of a service, as it serves, ends with 0 in time. `server`: where
    that is; `run` and `instead` as what was started there, whose secrets are struck out of what the
    command says."""

    service: str = ""
    command: tuple[str, ...] = ()
    within: int = SECONDS

    async def holds(self, world: World) -> bool:
        """Never said from here: each run may change something, and one is enough."""
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        host, workload = await world.servers.host(self.server), await self._workload(world)
        inside = ["podman", "exec", f"{PROJECT}_{self.service}_1", *self.command]
        argv = ["timeout", "--kill-after=5", str(self.within), *inside]
        completed = await host.run(
            f"{shlex.join(argv)} 2>&1 | tail --bytes={_READ}",
            deadline=self.within + AROUND_SECONDS / 2,
            check=False,
        )
        said = last_lines(workload.struck(whole_lines(completed.stdout)))
        if completed.exit_code == 0:
            return {"said": said}
        raise NotAsItShould(
            f"The check in the container of {self.service} {self._ended(completed.exit_code)}: "
            f"{said or 'it said nothing'}",
            do="See what it needs that the drill denied it or did not start, and `check`, "
            "`allow` and `run` in [drill].",
            details={"exit": str(completed.exit_code), "said": said},
        )

    def _ended(self, code: int) -> str:
        return f"did not end within {self.within} s" if code in _LATE else f"ended with {code}"

    async def prove(self, world: World) -> None:
        """`apply` has asked."""


def check_on_trial(config: Config, epoch: int, asked: CheckCommand) -> RunCheckOnTrial:
    """On the first server that runs the service. Pure."""
    told = config.drill
    server = next(seat for seat in roster(config).app if asked.service in seat.services)
    return RunCheckOnTrial(
        server.name,
        epoch,
        run=told.run,
        instead=told.environment,
        service=asked.service,
        command=asked.command,
        within=asked.within,
    )


def whole_lines(output: bytes) -> str:
    """Without the first one where it may be cut: half a secret is not known for one. Pure."""
    text = output.decode(errors="replace")
    return text.partition("\n")[2] if len(output) >= _READ else text


def last_lines(text: str) -> str:
    """For a screen and the journal. Pure."""
    return "\n".join(text.strip().splitlines()[-_TOLD_LINES:])[-_TOLD:]
