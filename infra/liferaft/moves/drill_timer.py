"""Drills on schedule, as a timer of systemd on a machine that has the operator's keys. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from liferaft.failures import BadInput
from liferaft.moves.drill_schedule import MARGIN, SPREAD, DrillSchedule, Often

_PLAIN: Final = re.compile(r"[\w@/.:+,=%-]+")
_DAYS: Final = {
    Often.DAILY: "*-*-*",
    Often.WEEKLY: "Mon *-*-*",
    Often.MONTHLY: "*-*-01",
}


@dataclass(frozen=True)
class DrillTimer:
    """liferaft: the program; config: the configuration's file; both absolute."""

    of: DrillSchedule
    liferaft: Path
    config: Path

    def files(self) -> Mapping[str, str]:
        """By name, the two units."""
        name = self.of.name
        return {f"{name}.service": self._service(), f"{name}.timer": self._timer()}

    @property
    def then(self) -> str:
        """What is to be done with them."""
        return (
            f"put the variables into {self.of.environment}, and on that machine\n"
            f"  systemctl daemon-reload && systemctl enable --now {self.of.name}.timer"
        )

    def _service(self) -> str:
        command = [str(self.liferaft), *self.of.arguments(str(self.config))]
        names = "".join(f"# {name}\n" for name in self.of.variables)
        return f"""\
# {self.of.environment} has to hold these variables, readable for root alone:
{names}[Unit]
Description=A drill of {self.of.app} at {self.of.site} (liferaft)
Wants=network-online.target
After=network-online.target network.target nss-lookup.target{self._behind()}

[Service]
Type=oneshot
WorkingDirectory={_literal(str(self.config.parent))}
EnvironmentFile={self.of.environment}
ExecStart={" ".join(_quoted(word) for word in command)}
TimeoutStartSec={int(self.of.longest.total_seconds())}
# A stop, or a shutdown, has it delete what it made, while there still is a network.
TimeoutStopSec={int(MARGIN.total_seconds())}
KillMode=mixed
KillSignal=SIGINT
"""

    def _behind(self) -> str:
        """Whom it waits for where both begin at once, as timers do that were missed: the whole
        drill for that of the data, which is short, and not the other way round as well."""
        return "" if self.of.data_only else f" {self.of.of_data.name}.service"

    def _timer(self) -> str:
        hour, minute = self.of.moment
        return f"""\
[Unit]
Description=A {self.of.about} (liferaft)

[Timer]
OnCalendar={_DAYS[self.of.often]} {hour:02}:{minute:02}:00 UTC
RandomizedDelaySec={int(SPREAD.total_seconds())}
Persistent=true

[Install]
WantedBy=timers.target
"""


def _quoted(word: str) -> str:
    """A word of a command: systemd reads `$`, quotes and backslashes in it besides."""
    word = _literal(word)
    if _PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{escaped}"'


def _literal(text: str) -> str:
    """A text that is read to the end of its line, but for `%`. Raises BadInput."""
    if any(ord(mark) < ord(" ") for mark in text):
        raise BadInput(
            f"{text!r} cannot stand in a unit of systemd",
            safe="Nothing was written.",
            do="Call files and folders so that their names have no line's end.",
        )
    return text.replace("%", "%%")
