"""What each move's plan is built from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from liferaft.data.contract import Part
from liferaft.plan.inputs import Inputs, of_another_version


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
        try:
            images = tuple(Part.from_json(one) for one in told.get("images", ()))
        except TypeError as error:
            raise of_another_version("images that this version reads") from error
        return super().from_json({**told, "images": images})
