"""The server as the watch sees it: files of the archiver, programs of PostgreSQL and pgBackRest."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .rule import ArchiveStore

SEGMENT_BYTES: Final = 16 * 1024 * 1024
BACKUP_UNIT: Final = "liferaft-postgres-backup.service"
"""The one in which snapshots back up as well: PostgreSQL's side allows one at a time."""
_TIMELINE: Final = 8
"""Digits of a segment's name that say of which timeline it is."""
_NOT_READ: Final = 99
_POSTGRES: Final = ("runuser", "-u", "postgres", "--")


@dataclass(frozen=True)
class Server:
    """Its folders: PostgreSQL's WAL, our configurations for pgBackRest, and what the archiver
    remembers."""

    wal: Path
    etc: Path = Path("/etc/pgbackrest/liferaft")
    spool: Path = Path("/var/spool/pgbackrest/liferaft")

    def epoch(self) -> str | None:
        """The one under which this server archives, in eight digits; None where it does not."""
        with suppress(OSError):
            return (self.etc / "reign").read_text().strip() or None
        return None

    def stores(self, epoch: str) -> tuple[str, ...]:
        """Names of all vaults of an epoch."""
        return tuple(sorted(path.parent.name for path in self.etc.glob(f"push/*/{epoch}.conf")))

    def counted(self, epoch: str) -> Iterator[ArchiveStore]:
        """Those that the archiver waits for."""
        ready = [path.stem for path in self.wal.glob("archive_status/*.ready")]
        for name in self.stores(epoch):
            if self._folder(name).joinpath("out").exists():
                continue
            held = self.spool / "held" / name / epoch
            waiting = sum(1 for file in ready if not (held / file).exists()) * SEGMENT_BYTES
            since = failed = None
            with suppress(OSError, ValueError):
                note = self.spool / "silent" / name
                failed = note.stat().st_mtime
                since = float(note.read_text())
            yield ArchiveStore(name, since, failed if since is not None else None, waiting)

    def free(self) -> int:
        """Bytes of the disk of WAL."""
        found = os.statvfs(self.wal)
        return found.f_bavail * found.f_frsize

    def note(self, store: str, name: str) -> Mapping[str, Any] | None:
        """What the note `out` or `incomplete` of a vault says; empty for one that an operator made;
        None where there is none."""
        try:
            said = json.loads((self._folder(store) / name).read_text() or "{}")
        except FileNotFoundError:
            return None
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    def write_note(self, store: str, name: str, said: Mapping[str, Any]) -> None:
        """Durable on return; readable by the archiver."""
        path = self._folder(store) / name
        half = path.with_name(f".{name}")
        with half.open("w") as file:
            json.dump(said, file)
            file.flush()
            os.fsync(file.fileno())
        half.chmod(0o644)
        half.rename(path)
        self._sync(path.parent)

    def remove_note(self, store: str, name: str) -> None:
        """As durable."""
        (self._folder(store) / name).unlink(missing_ok=True)
        self._sync(self._folder(store))

    def forget_silence(self, store: str) -> None:
        """What it did not take before is no reason any more."""
        (self.spool / "silent" / store).unlink(missing_ok=True)

    def lsn(self) -> str | None:
        """Up to where PostgreSQL has written."""
        code, said = self._run(
            *_POSTGRES, "psql", "-XqAt", "-d", "postgres", "-c", "select pg_current_wal_lsn()"
        )
        return said.strip() if code == 0 else None

    def answers(self, store: str, epoch: str) -> bool:
        """The vault knows this database from now on, if it did not, and takes WAL: one that is full
        answers every question."""
        create = self._pgbackrest(store, epoch, "--no-online", "--io-timeout=5", "stanza-create")
        if self._run(*_POSTGRES, *create, seconds=120)[0] != 0:
            return False
        newest = self._newest_finished()
        if newest is None:
            return True
        push = self._pgbackrest(store, epoch, "--io-timeout=5", "archive-push", str(newest))
        return self._run(*_POSTGRES, *push, seconds=120)[0] == 0

    def _newest_finished(self) -> Path | None:
        """The newest segment of this reign that other vaults hold, and that is still here."""
        code, now = self._run(
            *(*_POSTGRES, "psql", "-XqAt", "-d", "postgres"),
            *("-c", "select pg_walfile_name(pg_current_wal_lsn())"),
        )
        done = self.wal.glob(f"archive_status/{now[:_TIMELINE]}*.done")
        segments = (self.wal / path.stem for path in sorted(done) if not Path(path.stem).suffix)
        there = [path for path in segments if path.is_file()]
        return there[-1] if code == 0 and there else None

    def newest_backup(self, store: str, epoch: str) -> float | None:
        """When the newest full backup there began, in Unix seconds; 0 where there is none, None
        where the vault does not say."""
        argv = self._pgbackrest(store, epoch, "--io-timeout=5", "--output=json", "info")
        code, said = self._run(*_POSTGRES, *argv, seconds=120)
        stanzas = json.loads(said) if code == 0 else []
        # pgBackRest ends well where it could not read, and says so in its account.
        read = [one["status"]["code"] != _NOT_READ for stanza in stanzas for one in stanza["repo"]]
        if not read or not all(read):
            return None
        rows = [row for stanza in stanzas for row in stanza["backup"]]
        whole = [row for row in rows if row["type"] == "full" and not row.get("error")]
        return max((float(row["timestamp"]["start"]) for row in whole), default=0.0)

    def is_backing_up(self) -> bool:
        """A backup is under way, whoever began it."""
        code, _ = self._run("systemctl", "--quiet", "is-active", BACKUP_UNIT)
        return code == 0

    def begin_backup(self, store: str, epoch: str) -> None:
        """A full one, which goes on by itself."""
        argv = self._pgbackrest(store, epoch, "--type=full", "backup")
        unit = ("--collect", "--quiet", f"--unit={BACKUP_UNIT}")
        self._run("systemd-run", *unit, "--uid=postgres", "--gid=postgres", "--", *argv)

    def _pgbackrest(self, store: str, epoch: str, *arguments: str) -> Sequence[str]:
        config = self._folder(store) / f"{epoch}.conf"
        return ("pgbackrest", f"--config={config}", "--stanza=main", *arguments)

    def _folder(self, store: str) -> Path:
        return self.etc / "push" / store

    def _sync(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _run(self, *argv: str, seconds: float = 30) -> tuple[int, str]:
        try:
            ended = subprocess.run(
                argv, capture_output=True, text=True, timeout=seconds, check=False, cwd="/"
            )
        except subprocess.TimeoutExpired:
            return 124, ""
        return ended.returncode, ended.stdout
