"""What a vault holds of a kind of data that no recovery point, release or reign needs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from liferaft.recovery.part import Part
from liferaft.vault import Vault
from liferaft.vault.layout import EpochKeys

_OF_AN_EPOCH: Final = "epoch-"


@dataclass(frozen=True)
class Needs:
    """What is needed of one kind, in one vault, of what lies under one epoch.

    Attributes:
        parts: of recovery points that stay, of one that is being taken, and of what would be
            started by a failover. Those of other epochs are among them.
        is_over: another epoch has begun since: nothing new is kept under this one.
        is_settled: no run is unfinished that may have put there what nothing names yet.
        reads_on: an earlier epoch has a point that stays: its restore reads through all of this
            one's archive.
    """

    epoch: int
    parts: tuple[Part, ...]
    is_over: bool
    is_settled: bool
    reads_on: bool

    @property
    def of_epoch(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.epoch == self.epoch)


@dataclass(frozen=True)
class Surplus:
    """What goes. JSON values: a plan is built from it.

    Attributes:
        names: what the kind calls it: keys of objects, labels of backups.
        size: bytes that it takes there.
        archive: bytes of what was archived before anything that stays, and goes as well.
        before: the first piece of the archive that a point needs, as the kind calls it.
    """

    kind: str
    vault: str
    epoch: int
    names: tuple[str, ...]
    size: int
    archive: int = 0
    before: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the journal holds it."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Raises TypeError for what is none."""
        return cls(**{**told, "names": tuple(told["names"])})


def keys_named(parts: Sequence[Part]) -> frozenset[str]:
    """Every key of the vault that these parts name, wherever in their facts."""
    return frozenset(key for part in parts for key in _keys_in(part.facts))


def _keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(_OF_AN_EPOCH):
            yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _keys_in(name)
            yield from _keys_in(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _keys_in(one)


def unnamed_objects(vault: Vault, kind: str, area: str, needs: Needs) -> Sequence[Surplus]:
    """Objects of an area that no part names. None where a part that stays does not say which are
    its own, as by versions that did not note it. Blocks."""
    if any(not keys_named([part]) for part in needs.of_epoch):
        return ()
    named = keys_named(needs.parts)
    seen = vault.look(EpochKeys(needs.epoch).data(area))
    spare = [one for one in seen if one.key not in named]
    if not spare:
        return ()
    size = sum(one.size for one in spare)
    return (Surplus(kind, vault.name, needs.epoch, tuple(one.key for one in spare), size),)
