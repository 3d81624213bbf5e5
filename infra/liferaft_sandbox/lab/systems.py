"""The releases of Debian that hosts can run. One sandbox has hosts of one release."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from liferaft.failures import BadInput

VARIABLE = "LIFERAFT_SANDBOX_SYSTEM"
"""Chooses the system of everything that is brought up without naming one."""


@dataclass(frozen=True)
class System:
    """A release: what `liferaft.toml` calls it, Debian's code name, its PostgreSQL."""

    name: str
    suite: str
    postgresql: str

    def fill(self, text: str) -> str:
        """A recipe's text for this release."""
        return text.replace("@SUITE@", self.suite).replace("@POSTGRESQL@", self.postgresql)


SYSTEMS: Mapping[str, System] = {
    one.name: one
    for one in (System("debian-13", "trixie", "17"), System("debian-12", "bookworm", "15"))
}
DEFAULT = "debian-13"
VENDORS = SYSTEMS["debian-12"]
"""What the programs of the neutral vendors come from, whatever hosts run."""


def system_named(name: str) -> System:
    """Raises BadInput for one that hosts here cannot run."""
    if name not in SYSTEMS:
        raise BadInput(
            f"Hosts of the sandbox do not run {name}.", do=f"Choose from {', '.join(SYSTEMS)}."
        )
    return SYSTEMS[name]


def chosen_system() -> System:
    """The one that the environment names; else the default of new applications."""
    return system_named(os.environ.get(VARIABLE) or DEFAULT)
