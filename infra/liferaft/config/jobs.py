"""The tables [jobs.NAME]: what is done by the clock, and what is known of a service that ends."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field

from liferaft.config.problems import Finding
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


class JobConfig(Section):
    """A service of the Compose file that ends, by its name.

    at_failover: whether it runs at a failover as well, and so at a drill, and not only at a deploy.
    within: how long it may take.
    """

    at_failover: bool = Field(default=False, description="true or false")
    within: Annotated[timedelta, BeforeValidator(_within)] = Field(
        default=WITHIN, description=_WITHIN_TOLD
    )


def on_servers(
    servers: Mapping[str, ServerConfig], jobs: Mapping[str, JobConfig]
) -> Iterator[Finding]:
    """Jobs that nothing would run."""
    running = dict.fromkeys(name for group in servers.values() for name in group.runs)
    for name in jobs:
        if name not in running:
            yield Finding(
                ("jobs", name),
                f"no group of servers runs a service {name}",
                f'runs = [..., "{name}"] under one of {", ".join(servers)}, or one of '
                f"{', '.join(running)} in its place",
            )
