"""Which names are answered, and with what. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

INSIDE = ("dns.podman", "localhost")
"""Below these, nobody outside is asked for: containers of one server look for each other there."""


@dataclass(frozen=True)
class Names:
    """What the gate was told.

    Attributes:
        allowed: names that may be asked for, with the ports that may be called there; None is any.
            `*.name` stands for all names below it.
        own: names that are answered here, with their IPv4 addresses.
    """

    allowed: Mapping[str, Sequence[int] | None]
    own: Mapping[str, str]

    def is_allowed(self, name: str) -> bool:
        return bool(self._rules(name))

    def ports(self, name: str) -> frozenset[int] | None:
        """Those that may be called at the name's addresses; None: any."""
        rules = [self.allowed[rule] for rule in self._rules(name)]
        if None in rules:
            return None
        return frozenset(port for ports in rules for port in ports or ())

    def _rules(self, name: str) -> list[str]:
        labels = name.split(".")
        above = (f"*.{'.'.join(labels[at:])}" for at in range(1, len(labels)))
        return [rule for rule in (name, *above) if rule in self.allowed]


def is_inside(name: str) -> bool:
    """Whether it never meant anything outside of this server."""
    return any(name == below or name.endswith(f".{below}") for below in INSIDE)


def read(told: Mapping[str, Any]) -> Names:
    """From the file that lies on the host."""
    return Names(told["allowed"], told["own"])
