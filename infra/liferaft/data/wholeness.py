"""Whether what the vault holds of a data set is whole: the words of those who look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from liferaft.data.sealed_objects import STORED
from liferaft.failures import Failure
from liferaft.recovery.part import Part
from liferaft.vault import Damaged, Vault


@dataclass(frozen=True)
class ReadingDepth:
    """How much is read. largest: bytes of an object that is read to its end; seconds: how long one
    may take. beyond: whether all that was archived since the point is listed, or only what it
    needs."""

    largest: int
    seconds: float
    beyond: bool


QUICK: Final = ReadingDepth(largest=1024 * 1024, seconds=5.0, beyond=False)
"""While users wait, or a person looks at the standing."""
THOROUGH: Final = ReadingDepth(largest=2**63, seconds=60.0, beyond=True)
"""This depth is for a plan that is only shown."""


@dataclass(frozen=True)
class Look:
    """damages: what a failover cannot do without. anew: what is damaged, and made anew or done
    without, in sentences. unread: what was not looked at, and who does."""

    damages: tuple[Failure, ...] = ()
    anew: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def __add__(self, other: "Look") -> "Look":
        return Look(
            self.damages + other.damages, self.anew + other.anew, self.unread + other.unread
        )


@dataclass(frozen=True)
class Operators:
    """What the operator brings. archives: of images, path by SHA-256, asked only when one is
    damaged in the vault. takes_over: whether the lease is taken whoever holds it."""

    archives: Callable[[], Mapping[str, str]] = field(default=dict)
    takes_over: bool = False


def look_at_stored(
    vault: Vault, part: Part, reading: ReadingDepth, *, size: int | None = None
) -> tuple[list[Damaged], list[str]]:
    """The damage of what a server sealed: objects that are not as they were noted, and sentences
    about those that were not read.

    size: bytes that the object must have, where there is one. Blocks.
    """
    sums: Mapping[str, str] = part.facts.get(STORED, {})
    if not sums:
        said = (
            f"Where {part.kind} {part.name} lies in vault {vault.name} was not noted by the "
            "version that kept it: it was not looked at."
        )
        return [], [said]
    area = "/".join(next(iter(sums)).split("/")[:2])
    sizes = {one.key: one.size for one in vault.look(area)}
    damages: list[Damaged] = []
    unread: list[str] = []
    for key, digest in sums.items():
        there = sizes.get(key)
        if there is None:
            damages.append(Damaged(vault.name, key, "it is not there"))
        elif size is not None and there != size:
            damages.append(Damaged(vault.name, key, f"it has {there} of {size} bytes"))
        elif there > reading.largest:
            unread.append(_unread(vault, part, there))
        else:
            found = vault.digest(key, seconds=reading.seconds)
            if found is None:
                unread.append(_unread(vault, part, there))
            elif found != digest:
                damages.append(Damaged(vault.name, key, "it is not what was noted of it"))
    return damages, unread


def _unread(vault: Vault, part: Part, size: int) -> str:
    return (
        f"{part.kind.capitalize()} {part.name} ({size / 1e6:.0f} MB) is in vault {vault.name} with "
        "its size, and was not read: each server checks its digest before it is used."
    )
