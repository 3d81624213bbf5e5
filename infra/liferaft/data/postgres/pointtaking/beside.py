"""What of a point lies beside the database, and is kept by servers all the time: certificates, by
the server that Caddy runs on, and buckets, by keepers on this one.

A new point names it as it is now. What could not be noted anew is named as by the point before, and
this is said: nothing of it keeps a point from being taken.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from .manifest import NotTaken, opened
from .reached import ReachedVault

CERTIFICATES: Final = "certificates"
BUCKET: Final = "bucket"
NOTED_SECONDS: Final = 2 * 3600.0
"""A note of certificates is written at least once an hour."""
KEPT_SECONDS: Final = 3600.0
"""A keeper that has not been through for longer does not keep up."""
_OWN: Final = ("size", "taken_at", "facts")
_JOINED: Final = frozenset({"elsewhere", "not_in"})
_NEVER: Final = datetime.fromtimestamp(0, tz=UTC)


@dataclass
class PartsBeside:
    """parts: of the next point. lacks: why some of them are older than that, in words."""

    parts: list[dict[str, Any]]
    lacks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class KeptBucket:
    """What a keeper has in one vault. until: what was stored by then is there."""

    count: int
    until: datetime


def parts_now(
    parts: Sequence[dict[str, Any]],
    vaults: Sequence[ReachedVault],
    *,
    folder: Path,
    now: datetime,
) -> PartsBeside:
    """folder: where keepers of this server note what they do."""
    came = PartsBeside([])
    for part in parts:
        new = part
        if part["kind"] == CERTIFICATES:
            new = _certificates(part, vaults, now, came.lacks)
        elif part["kind"] == BUCKET:
            new = _bucket(part, vaults, folder, now, came.lacks)
        came.parts.append(new)
    return came


def _certificates(
    part: dict[str, Any], vaults: Sequence[ReachedVault], now: datetime, lacks: list[str]
) -> dict[str, Any]:
    notes = [note for note in map(_noted, vaults) if note is not None]
    note = max(notes, key=lambda one: moment_of(one["looked_at"]), default=None)
    newest = part
    if note is not None and moment_of(note["part"]["taken_at"]) > moment_of(part["taken_at"]):
        newest = note["part"]
    looked_at = moment_of(note["looked_at"]) if note is not None else _NEVER
    if (now - looked_at).total_seconds() > NOTED_SECONDS:
        since = f"since {looked_at.isoformat(timespec='seconds')}" if note is not None else "yet"
        lacks.append(
            f"certificates are those of {newest['taken_at']}: the server that Caddy runs on has "
            f"noted nothing {since} (its journal says why: `journalctl -u liferaft-certificates`)"
        )
    return newest


def _noted(vault: ReachedVault) -> dict[str, Any] | None:
    folder = f"epoch-{vault.epoch}"
    key = f"{folder}/{CERTIFICATES}.json"
    with suppress(NotTaken, KeyError, TypeError):
        if f"{CERTIFICATES}.json" in vault.names(folder):
            note = opened(key, vault.get(key), version=None)
            if note["part"]["kind"] == CERTIFICATES and note["part"]["taken_at"]:
                return {"looked_at": note["looked_at"], "part": note["part"]}
    return None


def _bucket(
    part: dict[str, Any],
    vaults: Sequence[ReachedVault],
    folder: Path,
    now: datetime,
    lacks: list[str],
) -> dict[str, Any]:
    kept: dict[str, KeptBucket] = {}
    for one in vaults:
        try:
            there = kept_bucket(folder, one.vault, part["name"], one.epoch)
        except (OSError, ValueError, sqlite3.Error) as failure:
            why = f"its keeper says nothing of it ({type(failure).__name__})"
        else:
            age = (now - there.until).total_seconds()
            if age <= KEPT_SECONDS:
                kept[one.vault] = there
                continue
            why = f"its keeper was through last at {there.until.isoformat(timespec='seconds')}"
        lacks.append(f"bucket {part['name']} in vault {one.vault} is as noted before: {why}")
    return bucket_now(part, kept)


def kept_bucket(folder: Path, vault: str, name: str, epoch: str) -> KeptBucket:
    """Raises OSError, ValueError or sqlite3.Error where nothing is known of this epoch."""
    until = datetime.fromtimestamp(float((folder / "kept" / vault / name).read_text()), tz=UTC)
    manifest = folder / "manifests" / f"{vault}:{name}"
    if not manifest.exists():
        raise FileNotFoundError(manifest)
    with closing(sqlite3.connect(manifest, timeout=30)) as rows:
        rows.execute("pragma query_only = on")
        prefix = rows.execute("select value from facts where name = 'prefix'").fetchone()
        if prefix is None or f"epoch-{epoch}/" not in str(prefix[0]):
            raise ValueError(f"{manifest} is of another epoch")
        counted = "select count(distinct digest) from versions where gone is null"
        return KeptBucket(int(rows.execute(counted).fetchone()[0]), until)


def bucket_now(part: dict[str, Any], kept: Mapping[str, KeptBucket]) -> dict[str, Any]:
    """The part with what keepers have in these vaults, and as it was in the others. Its size is
    that of the last snapshot: keepers note none. Pure."""
    if not kept:
        return part
    names = list(part.get("vaults", []))
    names += [one for one in kept if one not in names]
    own = {name: _own(part, name) for name in names}
    for name, there in kept.items():
        facts = {**own[name]["facts"], "count": there.count}
        own[name] |= {"taken_at": there.until.isoformat(), "facts": facts}
    first, *others = names
    told = dict(own[first]["facts"])
    if others:
        told["elsewhere"] = {name: own[name] for name in others}
    not_in = {
        name: why for name, why in part["facts"].get("not_in", {}).items() if name not in kept
    }
    if not_in:
        told["not_in"] = not_in
    return {**part, **own[first], "facts": told, "vaults": names}


def _own(part: Mapping[str, Any], vault: str) -> dict[str, Any]:
    """What the part says of one vault; of one that it does not name, what it says of the first."""
    beside: Mapping[str, Any] = part["facts"].get("elsewhere", {})
    own = {of: beside.get(vault, part)[of] for of in _OWN}
    own["facts"] = {name: fact for name, fact in own["facts"].items() if name not in _JOINED}
    return own


def moment_of(text: object) -> datetime:
    """As it was written; the beginning of time for what is no moment."""
    with suppress(ValueError):
        moment = datetime.fromisoformat(str(text))
        return moment if moment.tzinfo is not None else _NEVER
    return _NEVER
