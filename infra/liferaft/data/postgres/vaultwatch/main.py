"""One look after the other, for ever."""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .rule import to_take_out
from .server import Server

EVERY_SECONDS: Final = 5.0
ASKED_AGAIN_SECONDS: Final = 30.0
"""Between two questions to a vault that was taken out, or that is not complete, in vain. Once it is
brought back, and once a backup has ended, it is asked at the next look."""


def main(_arguments: Sequence[str]) -> int:
    """Never returns."""
    (*_, wal) = sorted(Path("/var/lib/postgresql").glob("*/main/pg_wal"))
    watch = VaultWatch(Server(wal))
    while True:
        watch.look(time.time())
        time.sleep(EVERY_SECONDS)


def warn(said: str) -> None:
    """As a warning of the journal."""
    print(f"<4>{said}", file=sys.stderr, flush=True)  # noqa: T201 - what systemd reads


@dataclass
class VaultWatch:
    """What it keeps in mind is only when it asked last, when it began a backup last, and for which
    vaults it waits for the end of one."""

    server: Server
    asked: dict[str, float] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    awaited: set[str] = field(default_factory=set)

    def look(self, now: float) -> None:
        """Take out what has to be, bring back what can be; nothing while this server reigns in no
        epoch, or has one vault alone."""
        epoch = self.server.epoch()
        if epoch is None or len(names := self.server.stores(epoch)) <= 1:
            return
        counted = tuple(self.server.counted(epoch))
        for name, why in tuple(to_take_out(counted, free=self.server.free(), now=now)):
            self._take_out(name, why, now)
        for name in names:
            self._is_backed_up(name)
            if now - self.asked.get(name, 0.0) < ASKED_AGAIN_SECONDS:
                continue
            out, lacks = (self.server.note(name, note) for note in ("out", "incomplete"))
            if out:  # an operator's own is empty, and stays
                self.asked[name] = now
                self._bring_back(name, epoch, out, now)
            elif out is None and lacks is not None:
                self.asked[name] = now
                self._complete(name, epoch, lacks, now)

    def _is_backed_up(self, name: str) -> None:
        """Once a backup that it waits for has ended, the vault is asked whatever it said before."""
        if name in self.awaited and not self.server.is_backing_up():
            self.awaited.discard(name)
            self.asked.pop(name, None)

    def _take_out(self, name: str, why: str, now: float) -> None:
        lsn = self.server.lsn()
        before = self.server.note(name, "incomplete") or {}
        said = {"since": before.get("since", now), "lsn": before.get("lsn", lsn), "why": why}
        self.server.write_note(name, "out", {**said, "out": now, "out_lsn": lsn})
        warn(
            f"vault {name} is taken out of the archive at {lsn}: {why}. PostgreSQL keeps no WAL "
            "for it any more; it is brought back once it answers."
        )

    def _bring_back(self, name: str, epoch: str, out: Any, now: float) -> None:
        if not self.server.answers(name, epoch):
            return
        lsn = self.server.lsn()
        self.server.write_note(name, "incomplete", {**out, "back": now, "back_lsn": lsn})
        self.server.forget_silence(name)
        self.server.remove_note(name, "out")
        self.asked.pop(name, None)
        warn(
            f"vault {name} answers again, and gets the archive from {lsn} on. It is complete once "
            "it has a backup of its own from then on."
        )

    def _complete(self, name: str, epoch: str, lacks: Any, now: float) -> None:
        newest = self.server.newest_backup(name, epoch)
        if newest is None:
            return
        if newest > float(lacks.get("back", 0.0)):
            self.server.remove_note(name, "incomplete")
            warn(f"vault {name} is complete: a backup, and an archive without a gap since.")
        elif self.server.is_backing_up():
            self.awaited.add(name)
        elif (
            now - self.begun.get(name, 0.0) >= ASKED_AGAIN_SECONDS
        ):  # one that fails, fails at once
            warn(f"vault {name} gets a new full backup.")
            self.server.begin_backup(name, epoch)
            self.begun[name] = now
            self.awaited.add(name)
