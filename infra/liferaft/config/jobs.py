"""The tables [jobs.NAME]: what is done by the clock, and what is known of a service that ends."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, StrictBool, model_validator

from liferaft.config.fields import Filled
from liferaft.config.problems import Finding
from liferaft.config.schedules import SCHEDULE_TOLD, calendars
from liferaft.config.section import Section
from liferaft.config.sites import ServerConfig

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=24)
WITHIN: Final = timedelta(hours=1)
"""How long a job may take of which nothing is said."""
_UNITS: Final = {"m": "minutes", "h": "hours"}
_WITHIN_TOLD: Final = "from 1m to 24h, such as 30m"


def _within(value: Any) -> timedelta:
    found = re.fullmatch(r"(\d{1,4})([mh])", value) if isinstance(value, str) else None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not SHORTEST <= length <= LONGEST:
        raise ValueError(f"{value!r} is no time {_WITHIN_TOLD}")
    return length


def _schedule(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("it is no text")  # noqa: TRY004 - pydantic's word
    calendars(value)
    return value


class JobConfig(Section):
    """A service of the Compose file that is run to its end.

    schedule: when. Without it NAME is the service, and it is run once for a release.
    service: which one, in a container of its own; NAME without it. command: in place of its own.
    at_failover: whether a job of a release runs at a failover as well, and so at a drill, and not
    only at a deploy. within: how long it may take.
    """

    schedule: Annotated[str, BeforeValidator(_schedule)] | None = Field(
        default=None, description=SCHEDULE_TOLD
    )
    service: Filled | None = Field(default=None, description="a service of the Compose file")
    command: tuple[Filled, ...] = Field(
        default=(), description='a list of words, such as ["python", "manage.py", "clear"]'
    )
    at_failover: StrictBool = Field(default=False, description="true or false")
    within: Annotated[timedelta, BeforeValidator(_within)] = Field(
        default=WITHIN, description=_WITHIN_TOLD
    )

    @model_validator(mode="after")
    def _is_of_one_kind(self) -> Self:
        """What is run for a release is what the Compose file says."""
        if self.schedule is None and (self.service or self.command):
            raise ValueError("service and command go with schedule: a job of a release is NAME")
        if self.schedule is not None and self.at_failover:
            raise ValueError("at_failover is for a job without schedule: this one is run by it")
        return self

    @property
    def calendars(self) -> tuple[str, ...]:
        """When, as systemd's timers are told; empty without a schedule."""
        return calendars(self.schedule) if self.schedule else ()


def on_servers(
    servers: Mapping[str, ServerConfig], jobs: Mapping[str, JobConfig]
) -> Iterator[Finding]:
    """Jobs that nothing would run."""
    running = dict.fromkeys(name for group in servers.values() for name in group.runs)
    for name, job in jobs.items():
        service = job.service or name
        if service not in running:
            yield Finding(
                ("jobs", name, "service") if job.service else ("jobs", name),
                f"no group of servers runs a service {service}",
                f'runs = [..., "{service}"] under one of {", ".join(servers)}, or one of '
                f"{', '.join(running)} in its place",
            )
