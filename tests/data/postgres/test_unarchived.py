"""What no vault has yet of a database, from the files of an archiver and PostgreSQL's answer."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from liferaft.data.postgres import unarchived
from liferaft.data.postgres.unarchived import SEGMENT_BYTES, Wal, behind, lag, look

NOW = 1_000_000.0
EPOCH = "00000001"


def wal(lsn: int, *waiting: int, ended: dict[int, float] | None = None) -> Wal:
    return Wal(lsn, ended or {}, NOW - 500, frozenset(waiting))


def test_what_is_written_since_the_last_segment_that_is_archived_would_be_lost() -> None:
    found = wal(7 * SEGMENT_BYTES + 1000, ended={6: NOW - 9})
    assert lag(found, frozenset(), NOW) == (9.0, 1000)


def test_an_outage_counts_from_the_end_of_what_came_through() -> None:
    found = wal(7 * SEGMENT_BYTES + 5, 5, 6, ended={4: NOW - 40, 5: NOW - 30, 6: NOW - 20})
    assert lag(found, frozenset(), NOW) == (40.0, 2 * SEGMENT_BYTES + 5)
    assert lag(found, frozenset({5}), NOW) == (30.0, SEGMENT_BYTES + 5)


def test_an_empty_segment_loses_nothing() -> None:
    found = wal(7 * SEGMENT_BYTES + 40, ended={6: NOW - 3600})
    assert lag(found, frozenset(), NOW) == (0.0, 0)


def test_where_the_end_of_the_last_segment_is_forgotten_the_archivers_word_counts() -> None:
    assert lag(wal(7 * SEGMENT_BYTES + 100), frozenset(), NOW) == (500.0, 100)


def test_a_vault_that_was_taken_out_is_behind_since_then() -> None:
    assert behind({"since": NOW - 60, "lsn": "0/1000000"}, 0x1000010, NOW) == (60.0, 0x10)
    assert behind({}, 0x1000010, NOW) == (None, None), "an operator's own note says nothing"


@pytest.fixture
def server(tmp_path: Path) -> Path:
    for name in ("main", "depot", "gone"):
        (tmp_path / "etc/push" / name).mkdir(parents=True)
        (tmp_path / f"spool/held/{name}/{EPOCH}").mkdir(parents=True)
    for name in ("main", "depot"):
        (tmp_path / f"etc/push/{name}/{EPOCH}.conf").touch()
    (tmp_path / "pg_wal/archive_status").mkdir(parents=True)
    return tmp_path


def status(server: Path, name: str, age: float) -> None:
    path = server / "pg_wal/archive_status" / name
    path.touch()
    os.utime(path, (NOW - age, NOW - age))


def test_each_vault_is_judged_by_what_it_holds(server: Path) -> None:
    status(server, f"{1:08X}{0:08X}{4:08X}.done", 40)
    status(server, f"{1:08X}{0:08X}{5:08X}.ready", 30)
    status(server, f"{2:08X}.history.ready", 5)
    (server / f"spool/held/depot/{EPOCH}/{1:08X}{0:08X}{5:08X}").touch()
    told = unarchived._wal(server / "pg_wal", f"{6 * SEGMENT_BYTES + 70}|{NOW - 99}|0\n")
    rows = {row["vault"]: row for row in look(server / "etc", server / "spool", told, EPOCH, NOW)}
    assert rows.keys() == {"main", "depot"}, "of this epoch"
    assert (rows["main"]["seconds"], rows["main"]["size"]) == (40.0, SEGMENT_BYTES + 70)
    assert (rows["depot"]["seconds"], rows["depot"]["size"]) == (30.0, 70)


def test_one_that_is_out_is_told_by_its_note(server: Path) -> None:
    note: dict[str, Any] = {"since": NOW - 1000, "lsn": "0/0"}
    (server / "etc/push/depot/out").write_text(json.dumps(note))
    rows = {
        row["vault"]: row for row in look(server / "etc", server / "spool", wal(99), EPOCH, NOW)
    }
    assert (rows["depot"]["note"], rows["depot"]["seconds"]) == ("out", 1000.0)
    assert rows["main"]["note"] is None


def test_the_program_runs_on_a_server_that_has_nothing_but_python(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["/usr/bin/python3", "-I", "-", tmp_path, tmp_path, tmp_path],
        input=Path(unarchived.__file__).read_bytes(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert "does not reign" in json.loads(ran.stdout)["trouble"]
