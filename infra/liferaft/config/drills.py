"""The table [drill]: what a failover on trial may reach, and how it is proven."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, StringConstraints

from liferaft.config.drill_check import CHECK_TOLD, Check
from liferaft.config.fields import Filled, Name, VariableName
from liferaft.config.section import Section

_REACHED: Final = re.compile(
    r"(?P<name>(?=.{1,253}(?::|$))[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:(?P<port>\d{1,5}))?"
)
_REACHED_TOLD: Final = "a list of host names, each with a port or without, such as api.example:443"
LONGEST_PORT: Final = 65535
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(hours=24)
_UNITS: Final = {"m": "minutes", "h": "hours"}
_LENGTH_TOLD: Final = "from 10m to 24h, such as 2h"
_DUE: Final = re.compile(r"(\d{1,3})([hd])")
_DUE_UNITS: Final = {"h": "hours", "d": "days"}
_DUE_TOLD: Final = 'a table of sites and spans in hours or days, such as {hetzner = "7d"}'
LATE: Final = timedelta(hours=1)
"""By so much at most a timer begins a drill after its moment."""


def _reached(value: Any) -> Any:
    """A name, and perhaps a port. Raises ValueError for what is neither."""
    found = _REACHED.fullmatch(value) if isinstance(value, str) else None
    if found is None or not 0 < int(found["port"] or 443) <= LONGEST_PORT:
        raise ValueError(f"{value!r} is no host name, with a port or without")
    return value


def _length(value: Any) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})([mh])", value) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not SHORTEST <= length <= LONGEST:
        raise ValueError(f"{value!r} is no time {_LENGTH_TOLD}")
    return length


def _due(value: Any) -> timedelta:
    found = _DUE.fullmatch(value) if isinstance(value, str) else None
    length = timedelta(**{_DUE_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not length:
        raise ValueError(f"{value!r} is no span such as 24h or 7d")
    return length


class DrillConfig(Section):
    """How a drill differs from the failover that it tries.

    allow: what its servers may reach besides the vaults. environment: what services are told in
    place of what the Compose file says under these names. run: services that run besides the one
    that faces users and what that one depends on. check: what answers 2xx, or ends with
    0, where the application does its work, beside its health: a page or a command that writes
    something and reads it again, say.
    deadline: after which its servers switch themselves off. max_cost: what it may cost until then,
    in the currency of its cloud's price list. hourly_costs: what a server of each group costs by
    the hour, in that currency, where the cloud tells no prices. every: by site, how often a drill
    of it has to come back while it does not reign. data_every: the same of its data, which drills
    of the data alone bring back, and whole ones too. ping: the variable with the address that is
    asked for after a drill that did.
    """

    allow: tuple[Annotated[str, BeforeValidator(_reached)], ...] = Field(
        default=(), description=_REACHED_TOLD
    )
    environment: Mapping[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")], str
    ] = Field(default={}, description='a table of variables, such as {SMTP_PASSWORD = "drill"}')
    run: tuple[Filled, ...] = Field(
        default=(), description="a list of services of the Compose file, such as a worker"
    )
    check: Check | None = Field(default=None, description=CHECK_TOLD)
    deadline: Annotated[timedelta, BeforeValidator(_length)] = Field(
        default=timedelta(hours=2), description=_LENGTH_TOLD
    )
    max_cost: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="an amount of money more than 0, such as 5.0"
    )
    hourly_costs: Mapping[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(
        default={},
        description="a table of groups of servers and what one costs by the hour: {web = 0.02}",
    )
    every: Mapping[Name, Annotated[timedelta, BeforeValidator(_due)]] = Field(
        default={}, description=_DUE_TOLD
    )
    data_every: Mapping[Name, Annotated[timedelta, BeforeValidator(_due)]] = Field(
        default={}, description=_DUE_TOLD
    )
    ping: VariableName | None = Field(
        default=None, description="env/NAME of a variable that holds an https URL"
    )

    def asked(self, *, data_only: bool) -> Mapping[str, timedelta]:
        """By site, how often a whole drill has to come back, or its data."""
        return self.data_every if data_only else self.every

    def overdue_after(self, site: str, *, data_only: bool = False) -> timedelta | None:
        """How old the newest drill of the site that came back may be: what was begun in time has
        the time that a drill may take. None where none is due."""
        every = self.asked(data_only=data_only).get(site)
        return None if every is None else every + LATE + self.deadline
