"""`liferaft-certificates FILE`: keep what Caddy has in every vault, where a vault has it not yet.

It is called every few minutes. As long as nothing is renewed no vault is asked for anything, but
for a note once an hour that says so: by that, whoever takes a recovery point knows that what is
kept is what Caddy has.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .note import noted, part_of
from .reached import NotKept, VaultByRclone

FAILED = 1
NOTED_SECONDS = 3600.0
"""So old may the note become that says that nothing was renewed."""


@dataclass(frozen=True)
class KeeperSettings:
    """What it is told: a file that liferaft wrote. state: a file of this server's own."""

    epoch: int
    folder: Path
    note: str
    """The note's key."""
    state: Path
    vaults: tuple[VaultByRclone, ...]

    @classmethod
    def read(cls, path: Path) -> "KeeperSettings":
        told: dict[str, Any] = json.loads(path.read_text())
        vaults = tuple(map(VaultByRclone.of, told["vaults"]))
        return cls(
            int(told["epoch"]), Path(told["folder"]), told["note"], Path(told["state"]), vaults
        )


def main(argv: Sequence[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    try:
        said = keep_if_due(KeeperSettings.read(Path(argv[0])), now)
    except NotKept as reason:
        sys.stderr.write(f"CERTIFICATES ARE NOT KEPT: {reason}\n")
        return FAILED
    sys.stdout.write(f"{said}\n")
    return 0


@dataclass
class KeeperLook:
    """One look. kept: by vault, what it has, and the digest of the folder that this was. failed:
    why a vault has not what is there now. silent: vaults that do not answer."""

    settings: KeeperSettings
    digest: str
    kept: dict[str, Any]
    silent: Mapping[str, str]
    failed: dict[str, str] = field(default_factory=dict)

    def keep(self, now: Callable[[], datetime]) -> None:
        """In every vault that has it not yet."""
        for one in self.settings.vaults:
            if self.kept.get(one.name, {}).get("digest") == self.digest:
                continue
            if one.name in self.silent:
                self.failed[one.name] = self.silent[one.name]
                continue
            try:
                came = {**one.keep(str(self.settings.folder))}
            except NotKept as reason:
                self.failed[one.name] = str(reason)
                continue
            self.kept[one.name] = {**came, "taken_at": now().isoformat(), "digest": self.digest}

    def note(self, now: datetime) -> None:
        """In every vault, what all of them have. On this server what is kept is noted first: it is
        there whether that is told or not. Raises NotKept, also where only some vaults have it."""
        _write(self.settings, {"kept": self.kept, "noted": None})
        whole = {
            one.name: self.kept[one.name]
            for one in self.settings.vaults
            if self.kept.get(one.name, {}).get("digest") == self.digest
        }
        untold = {**self.silent, **self.failed}
        if whole:
            part = part_of(whole, self.failed, epoch=self.settings.epoch)
            body = noted(self.settings.note, part, now)
            for one in self.settings.vaults:
                if one.name not in self.silent:
                    try:
                        one.put(self.settings.note, body)
                    except NotKept as reason:
                        untold[one.name] = str(reason)
        if untold:
            raise NotKept("; ".join(untold.values()))
        _write(self.settings, {"kept": self.kept, "noted": now.timestamp()})


def keep_if_due(settings: KeeperSettings, now: Callable[[], datetime]) -> str:
    """What was done. Raises NotKept, also where only some vaults have them."""
    there = digest_of(settings.folder)
    if not there:
        return "Caddy has no certificate yet."
    state = _read(settings)
    named = {one.name for one in settings.vaults}
    kept = {name: one for name, one in state["kept"].items() if name in named}
    has_all = all(kept.get(name, {}).get("digest") == there for name in named)
    if has_all and _is_fresh(state, now()):
        return "Nothing was renewed."
    look = KeeperLook(settings, there, kept, _require_epoch(settings))
    look.keep(now)
    look.note(now())
    return "Nothing was renewed, which is noted." if has_all else "Certificates are kept."


def _require_epoch(settings: KeeperSettings) -> dict[str, str]:
    """Raises NotKept where another epoch has begun in any vault, or none answers; why some do
    not."""
    silent: dict[str, str] = {}
    for one in settings.vaults:
        try:
            newest = one.newest_epoch()
        except NotKept as reason:
            silent[one.name] = str(reason)
            continue
        if newest != f"{settings.epoch:08}":
            ours = f"this server is of {settings.epoch:08}"
            raise NotKept(f"epoch {newest or 'none'} reigns, and {ours}")
    if len(silent) == len(settings.vaults):
        raise NotKept("; ".join(silent.values()))
    return silent


def digest_of(folder: Path) -> str:
    """Of every file's name and content; nothing where there is none."""
    found = hashlib.sha256()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = [(path.relative_to(folder), path) for path in files]
    named = [(name, path) for name, path in named if name.parts[0] != "locks"]
    for name, path in named:
        with suppress(FileNotFoundError):  # it was renewed just now: the next look sees the new one
            found.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest() if named else ""


def _is_fresh(state: Mapping[str, Any], now: datetime) -> bool:
    noted_at = state.get("noted")
    return noted_at is not None and 0 <= now.timestamp() - float(noted_at) < NOTED_SECONDS


def _read(settings: KeeperSettings) -> dict[str, Any]:
    """What this server noted of this epoch; nothing where that is damaged: all is kept anew."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        state: dict[str, Any] = json.loads(settings.state.read_text())
        if state["epoch"] == settings.epoch and isinstance(state["kept"], dict):
            return state
    return {"kept": {}, "noted": None}


def _write(settings: KeeperSettings, state: Mapping[str, Any]) -> None:
    """A disk that is full keeps nothing from being kept: it is kept again then."""
    half = settings.state.with_suffix(".half")
    with suppress(OSError):
        half.write_text(json.dumps({**state, "epoch": settings.epoch}))
        half.replace(settings.state)
