"""Whether what the vault holds of a data set is whole: the words of those who look."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from liferaft.data.failures import VaultSilent
from liferaft.data.in_vaults import part_in
from liferaft.data.sealed_objects import STORED
from liferaft.failures import Failure
from liferaft.recovery.part import Part
from liferaft.vault import Damaged, Vault, VaultFailure


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


def look_in_each(vaults: Sequence[Vault], part: Part, look: Callable[[Vault, Part], Look]) -> Look:
    """Whether a vault has the part whole: one is enough, and what is wrong in another is told with
    the one that is used. vaults: those that answer, each by itself. Blocks."""
    having = [vault for vault in vaults if vault.name in part.vaults or not part.vaults]
    if not having:
        return Look((_out_of_reach(part),))
    if len(having) == 1:
        return look(having[0], part_in(part, having[0].name))

    def look_at(vault: Vault) -> Look:
        try:
            return look(vault, part_in(part, vault.name))
        except VaultFailure as failure:
            return Look((failure,))

    with ThreadPoolExecutor(len(having)) as pool:
        looks = list(pool.map(look_at, having))
    at, best = min(enumerate(looks), key=lambda one: (len(one[1].damages), len(one[1].anew)))
    if best.damages:
        return sum(looks, Look())
    # Where earlier versions noted no vault, the others were never meant to have it.
    others = [one for number, one in enumerate(looks) if number != at and part.vaults]
    said = [row for one in others for row in (*map(str, one.damages), *one.anew)]
    if best.anew:
        return Look(anew=(*best.anew, *said), unread=best.unread)
    used = f"Vault {having[at].name} has it, and that is used"
    return Look(anew=tuple(f"{row.rstrip('.')}. {used}." for row in said), unread=best.unread)


def _out_of_reach(part: Part) -> Failure:
    where = " and ".join(part.vaults)
    return VaultSilent(
        f"{part.kind.capitalize()} {part.name} is in vault {where} alone, which does not answer or "
        "is not in liferaft.toml any more",
        safe="What lies there is untouched.",
        do="Run the same command again once that vault is named there and answers.",
    )


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
