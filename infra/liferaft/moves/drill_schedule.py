"""Drills on schedule, as a timer of systemd on a machine that has the operator's keys. Pure.

It is no server of the application: a drill has to find out what becomes of it without them.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from liferaft.failures import BadInput

ENVIRONMENT: Final = "/etc/liferaft/{app}.env"
"""Where the operator puts the variables that the configuration names, readable for root alone."""
SPREAD: Final = "1h"
"""By so much at most each run is late: many timers that ring at once are one vendor's load."""
_FIRST_HOUR, _HOURS = 1, 5
_MARGIN: Final = timedelta(minutes=30)
"""For the deletion, after a drill's own deadline."""
_PLAIN: Final = re.compile(r"[\w@/.:+,=%-]+")


class Often(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


_DAYS: Final = {
    Often.DAILY: "*-*-*",
    Often.WEEKLY: "Mon *-*-*",
    Often.MONTHLY: "*-*-01",
}


@dataclass(frozen=True)
class DrillTimer:
    """What a timer is made from. liferaft: the program; config: the configuration's file; both
    absolute. deadline: that of [drill]. variables: names of those that the drill needs."""

    app: str
    site: str
    often: Often
    liferaft: Path
    config: Path
    deadline: timedelta
    variables: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"liferaft-drill-{self.app}-{self.site}"

    @property
    def environment(self) -> str:
        """The file with the variables."""
        return ENVIRONMENT.format(app=self.app)

    def files(self) -> Mapping[str, str]:
        """By name, the two units."""
        return {f"{self.name}.service": self._service(), f"{self.name}.timer": self._timer()}

    def _service(self) -> str:
        seconds = int((self.deadline + _MARGIN).total_seconds())
        command = [str(self.liferaft), "drill", "run", self.site, "--yes"]
        command += ["--config", str(self.config)]
        names = "".join(f"# {name}\n" for name in self.variables)
        return f"""\
# {self.environment} has to hold these variables, readable for root alone:
{names}[Unit]
Description=A drill of {self.app} at {self.site} (liferaft)
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
WorkingDirectory={_literal(str(self.config.parent))}
EnvironmentFile={self.environment}
ExecStart={" ".join(_quoted(word) for word in command)}
TimeoutStartSec={seconds}
KillMode=mixed
KillSignal=SIGINT
"""

    def _timer(self) -> str:
        return f"""\
[Unit]
Description=A {self.often} drill of {self.app} at {self.site} (liferaft)

[Timer]
OnCalendar={_DAYS[self.often]} {self._moment()} UTC
RandomizedDelaySec={SPREAD}
Persistent=true

[Install]
WantedBy=timers.target
"""

    def _moment(self) -> str:
        """By night, the same each time, and another one for each application and site."""
        drawn = int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:4], "big")
        hour, minute = divmod(drawn % (_HOURS * 60), 60)
        return f"{_FIRST_HOUR + hour:02}:{minute:02}:00"


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
