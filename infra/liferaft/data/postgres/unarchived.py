"""What of a database no vault, or not each of them, has yet, seen from its server.

This file is sent as it is and run by the server's own Python: it imports nothing of ours. It looks
only, and needs nothing on the server but what the archiver (`files/pgbackrest-push`) left there.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEGMENT_BYTES = 16 * 1024 * 1024
HEADER_BYTES = 40
"""Of a segment in which nothing was written."""
_PER_HIGH = 0x1_0000_0000 // SEGMENT_BYTES
_DIGITS = 24
_SECONDS = 5
_ASK = (
    "select pg_current_wal_insert_lsn() - '0/0'::pg_lsn,"
    " coalesce(extract(epoch from last_archived_time), 0),"
    " extract(epoch from pg_postmaster_start_time()) from pg_stat_archiver"
)


@dataclass(frozen=True)
class Wal:
    """What PostgreSQL says: `lsn` up to where it has written, in bytes; by the number of a segment
    when it was ended, in Unix seconds, of those that are still there; `else_ended`: when that may
    have been of the last one that is not; the numbers that wait for some vault."""

    lsn: int
    ended: Mapping[int, float]
    else_ended: float
    waiting: frozenset[int]


def lag(wal: Wal, held: frozenset[int], now: float) -> tuple[float, int]:
    """Seconds and bytes of what a vault lacks that has these of the segments that wait."""
    current = wal.lsn // SEGMENT_BYTES
    first = min((one for one in wal.waiting - held if one < current), default=current)
    size = wal.lsn - first * SEGMENT_BYTES
    if size <= HEADER_BYTES:
        return 0.0, 0
    since = wal.ended.get(first - 1, wal.else_ended)
    return max(0.0, now - since), size


def behind(told: Mapping[str, Any], lsn: int, now: float) -> tuple[float | None, int | None]:
    """The same of a vault that was taken out, or came back and lacks something, by the note of it:
    that it was given something since helps only beside other vaults."""
    since, at = told.get("since"), told.get("lsn")
    seconds = None if since is None else max(0.0, now - float(since))
    return seconds, None if at is None else max(0, lsn - _lsn(str(at)))


def _lsn(text: str) -> int:
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def _number(name: str) -> int | None:
    """Of a whole segment; None for a file of another kind."""
    if len(name) != _DIGITS:
        return None
    return int(name[8:16], 16) * _PER_HIGH + int(name[16:], 16)


def _wal(folder: Path, asked: str) -> Wal:
    lsn, archived, started = asked.strip().split("|")
    ended: dict[int, float] = {}
    waiting: set[int] = set()
    for path in folder.joinpath("archive_status").iterdir():
        number = _number(path.stem)
        if number is None:
            continue
        try:
            ended[number] = path.stat().st_mtime
        except FileNotFoundError:  # renamed or gone meanwhile: it is archived
            continue
        if path.suffix == ".ready":
            waiting.add(number)
    return Wal(int(lsn), ended, max(float(archived), float(started)), frozenset(waiting))


def _note(path: Path) -> Mapping[str, Any] | None:
    try:
        said = json.loads(path.read_text() or "{}")
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def look(etc: Path, spool: Path, wal: Wal, epoch: str, now: float) -> Iterator[dict[str, Any]]:
    """A row for each vault of this epoch."""
    for config in sorted(etc.glob(f"push/*/{epoch}.conf")):
        name = config.parent.name
        for word in ("out", "incomplete"):
            told = _note(config.parent / word)
            if told is not None:
                seconds, size = behind(told, wal.lsn, now)
                yield {"vault": name, "seconds": seconds, "size": size, "note": word}
                break
        else:
            folder = spool / "held" / name / epoch
            names = folder.iterdir() if folder.is_dir() else ()
            numbers = frozenset(n for n in (_number(path.name) for path in names) if n is not None)
            seconds, size = lag(wal, numbers, now)
            yield {"vault": name, "seconds": seconds, "size": size, "note": None}


def main(wal_folder: str, etc: str, spool: str) -> None:
    """Prints the rows, or why nothing is known."""
    claim = Path(etc, "reign")
    epoch = claim.read_text().strip() if claim.exists() else ""
    if not epoch:
        _say({"trouble": "this server does not archive: it does not reign"})
        return
    # Before what waits: a segment that is ended and archived meanwhile counts as not archived.
    as_postgres = ["runuser", "-u", "postgres", "--"]
    asked = subprocess.run(
        [*as_postgres, "psql", "-XqAt", "-d", "postgres", "-c", _ASK],
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
        cwd="/",
    )
    if asked.returncode:
        _say({"trouble": f"PostgreSQL does not answer: {asked.stderr.strip()[-200:]}"})
        return
    wal = _wal(Path(wal_folder), asked.stdout)
    _say({"vaults": list(look(Path(etc), Path(spool), wal, epoch, time.time()))})


def _say(told: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
