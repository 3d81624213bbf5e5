"""Drills on schedule: what every form of one has in common. Pure.

It is for no server of the application: a drill has to find out what becomes of it without them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from liferaft.config.drills import LATE

ENVIRONMENT: Final = "/etc/liferaft/{app}.env"
"""Where the operator puts the variables that the configuration names, readable for root alone."""
MARGIN: Final = timedelta(minutes=30)
"""For the deletion, after a drill's own deadline."""
SPREAD: Final = LATE
"""By so much at most each run is late: many timers that ring at once are one vendor's load."""
_FIRST_HOUR, _FIRST_HOUR_OF_DATA, _HOURS = 1, 18, 5
"""Between drills of both sorts are hours, since two at once are refused: one of the data alone, its
hour of being late included, has begun by midnight, and is over when the night's first one begins.
"""


class Often(StrEnum):
    """How often."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def longest(self) -> timedelta:
        """From one to the next."""
        return timedelta(days={"daily": 1, "weekly": 7, "monthly": 31}[self.value])


@dataclass(frozen=True)
class DrillSchedule:
    """deadline: that of [drill]. variables: names of those that the drill needs. data_only: it
    plays drills of the data alone."""

    app: str
    site: str
    often: Often
    deadline: timedelta
    variables: tuple[str, ...] = ()
    data_only: bool = False

    @property
    def name(self) -> str:
        """That of no other schedule, whatever sites are called."""
        sort = "data-drill" if self.data_only else "drill"
        return f"liferaft-{sort}-{self.app}-{self.site}"

    @property
    def whole(self) -> "DrillSchedule":
        """That of whole drills of the same site."""
        return replace(self, data_only=False)

    @property
    def of_data(self) -> "DrillSchedule":
        """That of drills of its data alone."""
        return replace(self, data_only=True)

    @property
    def about(self) -> str:
        data = " of the data" if self.data_only else ""
        return f"{self.often} drill{data} of {self.app} at {self.site}"

    @property
    def environment(self) -> str:
        """The file with the variables, on a machine that has one."""
        return ENVIRONMENT.format(app=self.app)

    @property
    def longest(self) -> timedelta:
        """That a drill may take, its deletion included."""
        return self.deadline + MARGIN

    @property
    def moment(self) -> tuple[int, int]:
        """Hour and minute: by night, of the data alone the evening before; the same each time, and
        another one for each application and site."""
        named = self.whole.name.encode()
        drawn = int.from_bytes(hashlib.sha256(named).digest()[:4], "big")
        hour, minute = divmod(drawn % (_HOURS * 60), 60)
        return (_FIRST_HOUR_OF_DATA if self.data_only else _FIRST_HOUR) + hour, minute

    @property
    def cron(self) -> str:
        """The five fields of that moment."""
        hour, minute = self.moment
        days = {Often.DAILY: "* * *", Often.WEEKLY: "* * 1", Often.MONTHLY: "1 * *"}
        return f"{minute} {hour} {days[self.often]}"

    def arguments(self, config: str) -> Sequence[str]:
        """Of the program `liferaft`."""
        data = ("--data",) if self.data_only else ()
        return ("drill", "run", self.site, *data, "--yes", "--config", config)

    def disagreement(self, every: timedelta | None) -> str | None:
        """What is to be said of it beside what [drill] asks for: `every`, or `data_every`."""
        key, what = ("data_every", "the data at ") if self.data_only else ("every", "")
        asked = f'{key} = {{{self.site} = "{self.often.longest.days}d"}}'
        what += self.site
        if every is None:
            return f"[drill] asks for no drill of {what}: a missed one alarms nobody. {asked}"
        if every < self.often.longest:
            hours = every.total_seconds() / 3600
            return (
                f"[drill] asks for a drill of {what} every {hours:.0f} h, and this plays one "
                f"every {self.often.longest.days * 24} h: it is overdue between them. {asked}"
            )
        return None
