"""The table [snapshots]: how many recovery points stay."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, StrictInt, model_validator

from liferaft.config.fields import VariableName
from liferaft.config.section import Section

MOST = 100_000
"""Points of one interval: more are a slip of the pen, and no policy."""


class KeepConfig(Section):
    """Of how many hours, days and weeks that have a recovery point the last one stays."""

    hourly: StrictInt = Field(
        default=24, ge=0, le=MOST, description=f"a whole number from 0 to {MOST}"
    )
    daily: StrictInt = Field(
        default=14, ge=0, le=MOST, description=f"a whole number from 0 to {MOST}"
    )
    weekly: StrictInt = Field(
        default=8, ge=0, le=MOST, description=f"a whole number from 0 to {MOST}"
    )

    @model_validator(mode="after")
    def _keeps_something(self) -> Self:
        """Three zeros keep the newest point alone, which nobody means who writes them."""
        if not (self.hourly or self.daily or self.weekly):
            raise ValueError("hourly, daily and weekly are all 0: one of them has to keep points")
        return self


_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}
_INTERVAL: Final = "an interval such as 30m, 6h, 1d; at least 10m"
SHORTEST: Final = timedelta(minutes=10)


def interval(value: Any) -> timedelta:
    """Raises ValueError for what is none, or is too short to take a point in."""
    found = re.fullmatch(r"(\d{1,5})([mhd])", value) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if length < SHORTEST:
        raise ValueError(f"{value!r} is no interval of 10 minutes or more")
    return length


Interval = Annotated[timedelta, BeforeValidator(interval)]


class SnapshotsConfig(Section):
    """How often recovery points are taken by themselves, and what becomes of them.

    every: the database's server takes one where the newest is older; None: it takes none.
    full_every: backups of a database, whoever takes them, are full ones where the newest full one
    is older. verify_every: the server restores the newest point's database on trial where the last
    trial from a vault is older; None: it tries none. ping: the variable with the address that the
    server asks for while points are young.
    """

    every: Interval | None = Field(default=None, description=_INTERVAL)
    full_every: Interval = Field(default=timedelta(days=7), description=_INTERVAL)

    verify_every: Interval | None = Field(default=None, description=_INTERVAL)
    ping: VariableName | None = Field(
        default=None, description="env/NAME of a variable that holds an https URL"
    )

    keep: KeepConfig = Field(
        default=KeepConfig(),
        description="a table such as {hourly = 24, daily = 14, weekly = 8}",
    )

    @model_validator(mode="after")
    def _has_somebody_who_does_it(self) -> Self:
        """What the server does by itself it does beside the points."""
        if self.every is None and (self.ping or self.verify_every):
            raise ValueError("ping and verify_every go with every: without it no server looks")
        return self
