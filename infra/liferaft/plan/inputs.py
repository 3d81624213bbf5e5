"""What a plan is built from: the first event of a run's journal, and read from there to go on."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from liferaft.clouds.systems import DEFAULT_SYSTEM, FORMER_SYSTEM, SYSTEMS, System
from liferaft.failures import Refused

_NAMES_ANEW: Final = frozenset({"point", "image", "follows"})
"""What a new run would call otherwise: what it makes, and the run that it follows."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What every move knows. The fields are what the journal calls them.

    Attributes:
        site: the site that the move makes or changes.
        epoch: the epoch under which it writes.
        reigns: whether the site reigns in that epoch once the move is through.
        follows: the run that this one follows by itself.
        system: what the servers of the application run.
    """

    site: str
    epoch: int
    reigns: bool
    follows: str | None = None
    system: System = DEFAULT_SYSTEM

    @property
    def secrets_epoch(self) -> int:
        """The epoch under which the app's secrets lie as the move begins."""
        return self.epoch

    def to_json(self) -> dict[str, Any]:
        """As the journal holds them: what is not known is left out."""
        told = ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))
        return {name: value for name, value in told if value is not None}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What this version does not know is passed over. Raises Refused where something misses:
        another version of liferaft began the run."""
        told = {"system": FORMER_SYSTEM, **told}  # runs of before there was a choice
        fields, none = dataclasses.fields(cls), dataclasses.MISSING
        needed = (one for one in fields if one.default is none and one.default_factory is none)
        asked = {field.name for field in needed}
        if missing := sorted(asked - told.keys()):
            raise of_another_version(f"{', '.join(missing)}, which this version needs")
        if told["system"] not in SYSTEMS:
            raise of_another_version("a system of servers that this version knows")
        return cls(**{field.name: told[field.name] for field in fields if field.name in told})

    def is_begun_alike(self, other: "Inputs") -> bool:
        """Whether a run from the other's facts would be the same work, whatever it makes is
        called."""
        ours, theirs = self.to_json(), other.to_json()
        return all(ours.get(k) == theirs.get(k) for k in (ours.keys() | theirs) - _NAMES_ANEW)


def of_another_version(what: str) -> Refused:
    """A run was begun without `what`."""
    return Refused(
        f"A run was begun without {what}",
        safe="Nothing was done by this command.",
        do="Go on with the version of liferaft that began it.",
    )
