"""Drills on schedule, as a line of a crontab on a machine that has the operator's keys. Pure."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from liferaft.failures import BadInput
from liferaft.moves.drill_schedule import SPREAD, DrillSchedule

_LONGEST: Final = 998
"""Characters of a command: Debian's cron cuts the rest off, and says nothing."""
_DRAWN: Final = f"$(($(od -An -N2 -tu2 /dev/urandom) * {int(SPREAD.total_seconds())} / 65536))"
"""Seconds, drawn by programs that every system with a cron has: its shell has no random numbers."""


@dataclass(frozen=True)
class DrillCrontab:
    """liferaft: the program; config: the configuration's file; both absolute."""

    of: DrillSchedule
    liferaft: Path
    config: Path

    def files(self) -> Mapping[str, str]:
        """The line, and what has to be there for it."""
        names = "".join(f"# {name}\n" for name in self.of.variables)
        text = f"""\
# A {self.of.about} (liferaft), by this machine's clock. One that is missed while
# the machine is off is not made up for. {self.of.environment} has to hold these
# variables, each as NAME='value', readable for who owns this crontab alone:
{names}{self.of.cron} {self._command()}
"""
        return {f"{self.of.name}.crontab": text}

    @property
    def then(self) -> str:
        """What is to be done with it."""
        return (
            f"put the variables into {self.of.environment}, and on that machine\n"
            f"  (crontab -l; cat {self.of.name}.crontab) | crontab -"
        )

    def _command(self) -> str:
        """For a plain shell. cron itself reads `%` before that, and a backslash in front of it."""
        words = [str(self.liferaft), *self.of.arguments(str(self.config))]
        folder = shlex.quote(str(self.config.parent))
        line = (
            f"set -a; . {self.of.environment}; set +a; sleep {_DRAWN}; "
            f"cd {folder} && exec {shlex.join(words)}"
        )
        odd = next((mark for mark in line if mark == "\\" or ord(mark) < ord(" ")), None)
        if odd is not None:
            raise _unfit(f"it holds {odd!r}")
        line = line.replace("%", r"\%")
        if len(line) > _LONGEST:
            raise _unfit(f"it has {len(line)} characters, and cron takes {_LONGEST}")
        return line


def _unfit(why: str) -> BadInput:
    return BadInput(
        f"This drill's command cannot stand in a crontab: {why}",
        safe="Nothing was written.",
        do="Call the folders of liferaft and of its configuration otherwise, or take a timer: "
        "--as systemd.",
    )
