"""What a plan is built from: the first event of a run's journal, and read from there to go on."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from liferaft.data.contract import Part
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
    """

    site: str
    epoch: int
    reigns: bool
    follows: str | None = None

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
        fields = dataclasses.fields(cls)
        asked = {field.name for field in fields if field.default is dataclasses.MISSING}
        if missing := sorted(asked - told.keys()):
            raise Refused(
                f"A run was begun without {', '.join(missing)}, which this version needs",
                safe="Nothing was done by this command.",
                do="Go on with the version of liferaft that began it.",
            )
        return cls(**{field.name: told[field.name] for field in fields if field.name in told})

    def is_begun_alike(self, other: "Inputs") -> bool:
        """Whether a run from the other's facts would be the same work, whatever it makes is
        called."""
        ours, theirs = self.to_json(), other.to_json()
        return all(ours.get(k) == theirs.get(k) for k in (ours.keys() | theirs) - _NAMES_ANEW)


@dataclass(frozen=True, kw_only=True)
class ClearInputs(Inputs):
    """Of a site that does not reign; `epoch` is today's, and stays."""


@dataclass(frozen=True, kw_only=True)
class DestroyInputs(Inputs):
    """`epoch` is today's, and stays; `reigns` says whether the application runs there now."""


@dataclass(frozen=True, kw_only=True)
class DeployInputs(Inputs):
    """from_epoch: the epoch in which the site was destroyed, whose secrets are carried on."""

    from_epoch: int | None = None

    @property
    def secrets_epoch(self) -> int:
        return self.epoch if self.from_epoch is None else self.from_epoch


@dataclass(frozen=True, kw_only=True)
class SnapshotInputs(Inputs):
    """point: the name of the recovery point to be."""

    point: str


@dataclass(frozen=True, kw_only=True)
class ImageInputs(Inputs):
    """image: the name of the machine image to be. `epoch` is for its labels."""

    image: str


@dataclass(frozen=True, kw_only=True)
class FailoverInputs(Inputs):
    """From the old reign to the new one, which `epoch` is.

    Attributes:
        from_epoch: the epoch that ends.
        from_site: the site that reigned in it.
        point: the recovery point that is restored.
        point_epoch: the epoch that wrote it.
        timeline: the one that the database of the old reign is on.
        images: what the newest deploy started, or else what the recovery point holds.
    """

    from_epoch: int
    from_site: str
    point: str
    point_epoch: int
    timeline: int
    images: tuple[Part, ...] = ()

    @property
    def secrets_epoch(self) -> int:
        return self.from_epoch

    def to_json(self) -> dict[str, Any]:
        return super().to_json() | {"images": [part.to_json() for part in self.images]}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        images = tuple(Part.from_json(one) for one in told.get("images", ()))
        return super().from_json({**told, "images": images})
