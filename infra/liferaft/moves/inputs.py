"""What each move's plan is built from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from liferaft.data import registry
from liferaft.data.kind import KindFacts
from liferaft.plan.inputs import Inputs


@dataclass(frozen=True, kw_only=True)
class ClearInputs(Inputs):
    """The site does not reign; `epoch` is today's, and stays."""


@dataclass(frozen=True, kw_only=True)
class DestroyInputs(Inputs):
    """`epoch` is today's, and stays; `reigns` says whether the application runs there now, and
    `instead` at which other site it does, if any."""

    instead: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeployInputs(Inputs):
    """from_epoch: the epoch in which the site was destroyed, whose secrets are carried on.
    point, point_epoch: the newest recovery point, for what a new server need not have made anew.
    jobs: services of the Compose file that end, and whether they are run.
    """

    from_epoch: int | None = None
    point: str | None = None
    point_epoch: int | None = None
    jobs: Mapping[str, bool] = field(default_factory=dict)

    @property
    def secrets_epoch(self) -> int:
        return self.epoch if self.from_epoch is None else self.from_epoch


@dataclass(frozen=True, kw_only=True)
class SnapshotInputs(Inputs):
    """point: the name of the recovery point to be."""

    point: str


@dataclass(frozen=True, kw_only=True)
class ScheduleInputs(Inputs):
    """The site that reigns, and its epoch."""


@dataclass(frozen=True, kw_only=True)
class MachineImageInputs(Inputs):
    """image: the name of the machine image to be. `epoch` is for its labels."""

    image: str


@dataclass(frozen=True, kw_only=True)
class FailoverInputs(Inputs):
    """A failover leads from the old epoch to the new one, which is `epoch`.

    Attributes:
        from_epoch: the epoch that ends.
        from_site: the site that reigned in it.
        point: the recovery point that is restored.
        point_epoch: the epoch that wrote it.
        facts: what kinds of data have read of the vault for it, by kind.
        at: the moment as of which data comes back; None: all that the vault has.
        jobs: services of the Compose file that end, and whether they are run.
    """

    from_epoch: int
    from_site: str
    point: str
    point_epoch: int
    facts: Mapping[str, KindFacts] = field(default_factory=dict)
    at: str | None = None
    jobs: Mapping[str, bool] = field(default_factory=dict)

    @property
    def secrets_epoch(self) -> int:
        return self.from_epoch

    def to_json(self) -> dict[str, Any]:
        """What kinds have read stands beside the rest, each under names of its own."""
        told = super().to_json()
        del told["facts"]
        for one in self.facts.values():
            told |= one.to_json()
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        read = {kind.name: kind.facts_in(told) for kind in registry.kinds()}
        facts = {name: one for name, one in read.items() if one is not None}
        return super().from_json({**told, "facts": facts})
