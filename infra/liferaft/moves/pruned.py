"""What a pruning is planned from: of each vault, what stays there and why, and what goes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from liferaft.data.surplus import Surplus
from liferaft.plan.inputs import Inputs, of_another_version


@dataclass(frozen=True)
class Staying:
    """A recovery point that stays, and the reasons for it."""

    epoch: int
    name: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class Going:
    """A recovery point that goes. size: bytes to restore of it, as its manifest says."""

    epoch: int
    name: str
    size: int


@dataclass(frozen=True)
class EpochGoing:
    """An earlier reign of which no point stays, and that no restore reads. `spared`: objects of it
    that stay all the same. objects, size: of those that go."""

    epoch: int
    spared: tuple[str, ...]
    objects: int
    size: int


@dataclass(frozen=True)
class VaultPruning:
    """One vault. `notes` are keys of what liferaft noted of points that go, or that were never
    finished; `oldest` is the first epoch of which something stays."""

    vault: str
    oldest: int
    stays: tuple[Staying, ...] = ()
    goes: tuple[Going, ...] = ()
    notes: tuple[str, ...] = ()
    surplus: tuple[Surplus, ...] = ()
    epochs: tuple[EpochGoing, ...] = ()

    @property
    def has_work(self) -> bool:
        return bool(self.goes or self.notes or self.surplus or self.epochs)

    @property
    def size(self) -> int:
        """Bytes that the vault has more room for afterwards, but for notes."""
        of_kinds = sum(one.size + one.archive for one in self.surplus)
        return of_kinds + sum(one.size for one in self.epochs)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        return cls(
            vault=told["vault"],
            oldest=told["oldest"],
            stays=tuple(Staying(o["epoch"], o["name"], tuple(o["why"])) for o in told["stays"]),
            goes=tuple(Going(**one) for one in told["goes"]),
            notes=tuple(told["notes"]),
            surplus=tuple(Surplus.from_json(one) for one in told["surplus"]),
            epochs=tuple(
                EpochGoing(**{**one, "spared": tuple(one["spared"])}) for one in told["epochs"]
            ),
        )


@dataclass(frozen=True, kw_only=True)
class PruneInputs(Inputs):
    """left: vaults in which nothing is done, with the reason, in sentences."""

    vaults: tuple[VaultPruning, ...] = ()
    left: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        told = super().to_json()
        return told | {"vaults": [asdict(one) for one in self.vaults], "left": list(self.left)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        try:
            vaults = tuple(VaultPruning.from_json(one) for one in told.get("vaults", ()))
        except (KeyError, TypeError) as error:
            raise of_another_version("what goes, as this version notes it") from error
        return super().from_json({**told, "vaults": vaults, "left": tuple(told.get("left", ()))})
