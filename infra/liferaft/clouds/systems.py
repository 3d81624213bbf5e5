"""The releases of Debian that servers can run; all servers of an application run the same one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from liferaft.failures import BadInput

System = Literal["debian-12", "debian-13"]
SYSTEMS: Final[Mapping[str, System]] = MappingProxyType(
    {"debian-12": "debian-12", "debian-13": "debian-13"}
)
"""By what records and configuration of stacks say."""

DEFAULT_SYSTEM: Final[System] = "debian-13"
"""Of a new application that asks for none."""
FORMER_SYSTEM: Final[System] = "debian-12"
"""Of an application whose records say nothing: it began before there was a choice."""


def system_named(name: str) -> System:
    """Raises BadInput for one that servers cannot run."""
    if name not in SYSTEMS:
        raise BadInput(
            f"Servers cannot run {name!r}",
            safe="Nothing was touched.",
            do=f"Choose from {', '.join(SYSTEMS)}.",
        )
    return SYSTEMS[name]


def in_words(system: System) -> str:
    """As people say it: `Debian 13`."""
    return system.capitalize().replace("-", " ")
