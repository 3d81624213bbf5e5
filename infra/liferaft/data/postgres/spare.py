"""Which base backups of an archive nothing needs, and which of its WAL. Pure, but for one listing.

A label says what a backup is: `20261129-094512F` is a full one, `20261129-094512F_20261129-104512I`
an incremental of it; D is differential. Labels of one repository sort as they were taken.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from liferaft.data.postgres.layout import archive_in_vault, backups_in_vault
from liferaft.data.surplus import Needs, Surplus
from liferaft.recovery.part import Part
from liferaft.vault import Vault

KIND: Final = "postgres"
_LABEL: Final = re.compile(r"(\d{8}-\d{6}F)(?:_\d{8}-\d{6}([DI]))?")
_SEGMENT: Final = re.compile(r"[0-9A-F]{24}")


def chain_of(label: str, there: Collection[str]) -> frozenset[str]:
    """The backups from which this one is restored, itself among them. A differential one needs its
    full one; an incremental may need any earlier one of the same full."""
    found = _LABEL.fullmatch(label)
    if found is None or found[2] is None:
        return frozenset({label})
    full, kind = found.groups()
    if kind == "D":
        return frozenset({full, label})
    earlier = {one for one in there if one.startswith(f"{full}_") and one < label}
    return frozenset({full, label, *earlier})


def spare_backups(
    there: Collection[str], needed: Collection[str], *, is_over: bool
) -> tuple[str, ...]:
    """Of the labels that are there those that no needed one is restored from, the newest first.

    What is newer than all that are needed may be of a point that is being taken, while the epoch
    lasts. One full backup stays in every repository: pgBackRest takes the last one from nobody.
    """
    stays = {one for label in needed for one in chain_of(label, there)}
    newest = max(needed, default="")
    spare = {one for one in there if one not in stays and (is_over or one < newest)}
    fulls = [one for one in there if _is_full(one)]
    if fulls and all(one in spare for one in fulls):
        spare.discard(max(fulls))
    return tuple(sorted(spare, reverse=True))


def _is_full(label: str) -> bool:
    found = _LABEL.fullmatch(label)
    return found is not None and found[2] is None


def surplus_of(vault: Vault, needs: Needs) -> Sequence[Surplus]:
    """What goes of the backups and the archive of an epoch in one vault. Nothing where a part that
    stays does not say what its backup is called. Blocks."""
    parts = [part for part in needs.of_epoch if part.kind == KIND]
    if any("labels" not in part.facts for part in parts):
        return ()
    sizes = _sizes(vault, needs.epoch)
    mine = [part for part in parts if vault.name in part.facts["labels"]]
    needed = [str(part.facts["labels"][vault.name]) for part in mine]
    spare = spare_backups(sizes, needed, is_over=needs.is_over)
    first = None if needs.reads_on else _first(mine)
    archive = _archived_before(vault, needs.epoch, first)
    if not spare and not archive:
        return ()
    size = sum(sizes[label] for label in spare)
    return (Surplus(KIND, vault.name, needs.epoch, spare, size, archive, first or ""),)


def _sizes(vault: Vault, epoch: int) -> Mapping[str, int]:
    """Label → bytes of what lies in its folder."""
    folder = backups_in_vault(epoch)
    sizes: dict[str, int] = defaultdict(int)
    for one in vault.look(folder):
        label = one.key.removeprefix(f"{folder}/").partition("/")[0]
        if _LABEL.fullmatch(label):
            sizes[label] += one.size
    return dict(sizes)


def _first(parts: Collection[Part]) -> str | None:
    """The first segment that a backup of these parts needs; None where one does not say it."""
    starts = [str(part.facts.get("archive_start", "")) for part in parts]
    return min(starts) if starts and all(starts) else None


def _archived_before(vault: Vault, epoch: int, first: str | None) -> int:
    """Bytes of the WAL before a segment."""
    if first is None:
        return 0
    seen = vault.look(archive_in_vault(epoch))
    return sum(one.size for one in seen if is_before(one.key, first))


def is_before(key: str, first: str) -> bool:
    """Whether what lies at a key of the archive is of an earlier segment. Pure."""
    found = _SEGMENT.match(key.rpartition("/")[2])
    return found is not None and found[0] < first
