"""Bringing vaults that were away what they lack of liferaft's own records.

What hosts keep they bring by themselves, and the engine's state is no record: see
`site.catching_up`. Nothing of what was claimed is ever overwritten. Killed anywhere, the note still
lies there, and running it again goes on.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

from liferaft.vault import layout
from liferaft.vault.attendance import Attendance
from liferaft.vault.away import UNKNOWN
from liferaft.vault.contract import Damaged, KeyMissing, Seen, Vault, VaultFailure
from liferaft.vault.decided import create_decided
from liferaft.vault.every import EveryVault

LANES: Final = 8
_log = logging.getLogger(__name__)


Records = Mapping[str, Seen]


def records(vault: Vault) -> Records:
    """Each object that liferaft itself writes, as listings tell of it, by key. Blocks."""
    top = vault.level()
    found = list(top.objects)
    for folder in top.folders:
        if layout.is_of_an_epoch(folder):
            inside = vault.level(folder)
            kept = {f"{folder}/{area}" for area in layout.KEPT_BY_HOSTS}
            found += inside.objects
            for below in inside.folders:
                found += () if below in kept else vault.look(below)
        elif folder not in layout.NO_RECORDS:
            found += vault.look(folder)
    return {one.key: one for one in found}


@dataclass(frozen=True)
class Lag:
    """What two listings tell: keys that `target` lacks or has in another size; those of which only
    the content can tell; those that it alone has."""

    lacking: tuple[str, ...]
    doubtful: tuple[str, ...]
    extra: tuple[str, ...]

    @classmethod
    def between(cls, source: Records, target: Records) -> "Lag":
        lacking = tuple(key for key in source if target.get(key) != source[key])
        alike = source.keys() & target.keys() - set(lacking)
        doubtful = tuple(sorted(key for key in alike if not layout.is_history(key)))
        return cls(lacking, doubtful, tuple(sorted(target.keys() - source.keys())))


def catch_up(vaults: EveryVault, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Bring the vaults of these names all records of the leading one; by name, why one is not
    complete yet. Those that are complete then may be forgotten as away. Under the lease. Blocks.

    Raises VaultFailure of the leading vault.
    """
    leading, *others = vaults.answering
    targets = [vault for vault in others if vault.name in names]
    if leading.name in names:  # nobody is complete: it learns from each of them first
        for vault in targets:
            _merge(vault, leading)
    faults: dict[str, tuple[str, ...]] = {}
    for vault in targets:
        try:
            faults[vault.name] = _bring(leading, vault, deletes=leading.name not in names)
        except VaultFailure as failure:
            faults[vault.name] = (str(failure),)
    if leading.name in names:
        faults[leading.name] = tuple(why for whys in faults.values() for why in whys)
    return faults


def attendance(vault: Vault) -> tuple[Attendance, ...]:
    """How it stands with each configured vault, in the order in which they are used. Blocks."""
    if not isinstance(vault, EveryVault):
        return (Attendance(vault.name, leads=True, answers=True, is_complete=True, left=0),)
    roll = vault.roll
    left = _left(vault)
    found = [
        Attendance(name, leads=name == roll.leading, answers=True, is_complete=True, left=0)
        for name in roll.order
    ]
    notes = {note.vault: note for note in roll.notes}
    return tuple(
        replace(
            one,
            answers=one.vault not in roll.silent,
            is_complete=False,
            away_since=None if note.since == UNKNOWN else note.since,
            why=note.why,
            left=left.get(one.vault),
            brought=roll.brought_to(one.vault),
        )
        if (note := notes.get(one.vault))
        else one
        for one in found
    )


def _left(vaults: EveryVault) -> dict[str, int]:
    """By name, how many records those lack that answer and are not complete."""
    left: dict[str, int] = {}
    try:
        source: Records = records(vaults) if vaults.roll.lacking else {}
        for vault in vaults.answering:
            if vault.name in vaults.roll.lacking:
                left[vault.name] = len(Lag.between(source, records(vault)).lacking)
    except VaultFailure as failure:
        _log.warning("How much a vault lacks is not known: %s", failure)
    return left


def _merge(source: Vault, target: Vault) -> None:
    """Give `target` what it has nothing of, and what was written later in `source`. Both lack
    something, so nobody but the stores' clocks can tell which is the newer one."""
    mine, there = records(source), records(target)
    newer = [
        key
        for key, one in mine.items()
        if key not in there or (not layout.is_claim(key) and _is_later(one, there[key]))
    ]
    _each(lambda key: _copy(source, target, key), newer)


def _is_later(one: Seen, other: Seen) -> bool:
    return one.at is not None and other.at is not None and one.at > other.at


def _bring(source: Vault, target: Vault, *, deletes: bool) -> tuple[str, ...]:
    """Make `target` have what `source` has; why it is not complete. deletes: whether what `source`
    has not any more is known to have been deleted there."""
    difference = Lag.between(records(source), records(target))
    faults = _each(lambda key: _copy(source, target, key), difference.lacking)
    faults += _each(lambda key: _compare(source, target, key), difference.doubtful)
    for key in difference.extra:
        if layout.is_epoch(key):
            faults.append(f"{key} is in vault {target.name} alone: somebody claimed it there.")
        elif layout.is_history(key):
            _copy(target, source, key)
        elif deletes and layout.is_forgotten(key):
            target.delete(key)
    return tuple(faults)


def _each(act: Callable[[str], str | None], keys: Iterable[str]) -> list[str]:
    """What went wrong, in words. Raises what the first that failed raises."""
    with ThreadPoolExecutor(LANES) as pool:
        return [said for said in pool.map(act, keys) if said]


def _compare(source: Vault, target: Vault, key: str) -> str | None:
    try:
        if target.get(key) == source.get(key):
            return None
    except (Damaged, KeyMissing):
        pass
    return _copy(source, target, key)


def _copy(source: Vault, target: Vault, key: str) -> str | None:
    """Why it could not be copied: another body was claimed there. What `source` has not whole is
    told where it is used."""
    try:
        body = source.get(key)
    except (Damaged, KeyMissing):
        return None
    if layout.is_claim(key) and create_decided(target, key, body):
        return None
    if not layout.is_claim(key) or _is_damaged(target, key):
        target.put(key, body)
        return None
    said = f"{key} is another in vault {target.name} than in vault {source.name}."
    if not layout.is_history(key):
        return said
    _log.warning("Two commands ran at once, each of which saw another vault alone: %s", said)
    return None


def _is_damaged(vault: Vault, key: str) -> bool:
    try:
        vault.get(key)
    except Damaged:
        return True
    except KeyMissing:
        pass
    return False
