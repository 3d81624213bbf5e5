"""A vault that takes no WAL is taken out and brought back, by a program on the database's host."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from liferaft.data.postgres.vaultwatch.main import ASKED_AGAIN_SECONDS, EVERY_SECONDS, VaultWatch
from liferaft.data.postgres.vaultwatch.rule import SILENT_SECONDS, ArchiveStore, to_take_out
from liferaft.data.postgres.vaultwatch.server import SEGMENT_BYTES, Server

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_000_000.0
PLENTY = 10**12


def store(name: str, *, silent: float | None = None, waiting: int = 0) -> ArchiveStore:
    since = None if silent is None else NOW - silent
    return ArchiveStore(name, since, None if silent is None else NOW - 5, waiting)


def taken_out(*stores: ArchiveStore, free: int = PLENTY) -> list[str]:
    return [name for name, _ in to_take_out(stores, free=free, now=NOW)]


def test_a_vault_that_is_dead_for_a_quarter_of_an_hour_is_taken_out() -> None:
    assert taken_out(store("main"), store("other", silent=SILENT_SECONDS - 1)) == []
    assert taken_out(store("main"), store("other", silent=SILENT_SECONDS)) == ["other"]


@pytest.mark.parametrize("silent", [0.0, SILENT_SECONDS, 10 * SILENT_SECONDS])
def test_the_last_vault_that_takes_wal_is_never_taken_out(silent: float) -> None:
    assert taken_out(store("main", silent=10**5, waiting=10**9), free=1) == []
    dead = store("other", silent=silent, waiting=10**9)
    assert taken_out(store("main", silent=10**5, waiting=10**9), dead, free=1) == []


def test_wal_that_fills_the_disk_takes_the_dead_vault_out_before_its_time() -> None:
    dead = store("other", silent=60, waiting=301)
    assert taken_out(store("main"), dead, free=1000) == ["other"]
    assert taken_out(store("main"), store("other", silent=60, waiting=299), free=1000) == []


def test_a_vault_that_is_too_slow_for_the_disk_is_taken_out_and_not_the_one_that_keeps_up() -> None:
    slow, quick = store("main", waiting=400), store("other", waiting=10)
    assert taken_out(slow, quick, free=1000) == ["main"]
    assert taken_out(slow, store("other", waiting=390), free=1000) == [], "it would not help"


def test_a_failure_of_long_ago_says_nothing_of_now() -> None:
    asleep = ArchiveStore("other", NOW - 5000, NOW - 4000, 0)
    assert taken_out(store("main"), asleep) == []


@dataclass(frozen=True)
class Paper(Server):
    """Folders of a test, and vaults that say what it wants. `backups`: when the newest began."""

    silent: set[str] = field(default_factory=set)
    backups: dict[str, float] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    busy: list[str] = field(default_factory=list)

    def lsn(self) -> str | None:
        return "0/5000000"

    def free(self) -> int:
        return PLENTY

    def answers(self, store: str, epoch: str) -> bool:
        return store not in self.silent

    def newest_backup(self, store: str, epoch: str) -> float | None:
        return None if store in self.silent else self.backups.get(store, 0.0)

    def is_backing_up(self) -> bool:
        return bool(self.busy)

    def begin_backup(self, store: str, epoch: str) -> None:
        self.begun.append(store)

    def falls_silent(self, store: str, *, since: float, failed: float) -> None:
        note = self.spool / "silent" / store
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{since:.0f}\n")
        os.utime(note, (failed, failed))

    def says(self, store: str, name: str) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.etc / "push" / store / name).read_text())
        return found


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    server = Paper(tmp_path / "wal", tmp_path / "etc", tmp_path / "spool")
    for name in ("main", "other"):
        (server.etc / "push" / name).mkdir(parents=True)
        (server.etc / "push" / name / "00000001.conf").touch()
    (server.etc / "reign").write_text("00000001\n")
    (server.wal / "archive_status").mkdir(parents=True)
    return server


def look(server: Paper, now: float) -> None:
    """As a watch that was started a moment ago."""
    VaultWatch(server).look(now)


def dead(paper: Paper, store: str = "other") -> None:
    paper.silent.add(store)
    paper.falls_silent(store, since=NOW - SILENT_SECONDS, failed=NOW - 5)
    look(paper, NOW)


def test_a_vault_that_is_taken_out_is_noted_with_since_when_and_where(
    paper: Paper, capsys: pytest.CaptureFixture[str]
) -> None:
    dead(paper)
    said = paper.says("other", "out")
    assert (said["since"], said["lsn"]) == (NOW, "0/5000000")
    assert "vault other is taken out of the archive at 0/5000000" in capsys.readouterr().err
    assert paper.note("main", "out") is None


def test_it_stays_out_while_it_does_not_answer(paper: Paper) -> None:
    dead(paper)
    look(paper, NOW + 60)
    assert paper.note("other", "out")
    assert paper.begun == []


def test_once_it_answers_it_is_brought_back_and_complete_only_with_a_new_backup(
    paper: Paper,
) -> None:
    dead(paper)
    paper.silent.clear()
    paper.backups["other"] = NOW - 3600
    look(paper, NOW + 60)
    assert paper.note("other", "out") is None
    assert paper.says("other", "incomplete")["since"] == NOW
    look(paper, NOW + 61)
    assert paper.note("other", "out") is None, "what it did not take before is forgotten"
    assert paper.begun == ["other"], "the backup of before the gap does not do"
    paper.backups["other"] = NOW + 62
    look(paper, NOW + 100)
    assert paper.note("other", "incomplete") is None


def test_a_vault_that_is_back_is_whole_at_the_look_after_its_backup_has_ended(paper: Paper) -> None:
    """Until then the other one alone has everything."""
    dead(paper)
    watch = VaultWatch(paper)
    watch.look(NOW + 60)
    paper.silent.clear()
    back = NOW + 60 + ASKED_AGAIN_SECONDS
    watch.look(back)
    watch.look(back + EVERY_SECONDS)
    assert paper.begun == ["other"]
    paper.busy.append("its own")
    watch.look(back + 2 * EVERY_SECONDS)
    assert paper.note("other", "incomplete")
    paper.busy.clear()
    paper.backups["other"] = back + EVERY_SECONDS
    watch.look(back + 3 * EVERY_SECONDS)
    assert paper.note("other", "incomplete") is None


def test_a_backup_that_fails_at_once_is_not_begun_at_every_look(paper: Paper) -> None:
    dead(paper)
    paper.silent.clear()
    watch = VaultWatch(paper)
    looks = range(int(2 * ASKED_AGAIN_SECONDS / EVERY_SECONDS))
    for number in looks:
        watch.look(NOW + 60 + number * EVERY_SECONDS)
    assert len(paper.begun) == 2


def test_a_vault_that_dies_again_before_it_is_complete_is_incomplete_since_the_first_time(
    paper: Paper,
) -> None:
    dead(paper)
    paper.silent.clear()
    look(paper, NOW + 60)
    paper.silent.add("other")
    later = NOW + 5000
    paper.falls_silent("other", since=later - SILENT_SECONDS, failed=later - 5)
    look(paper, later)
    assert paper.says("other", "out")["since"] == NOW
    assert paper.begun == []


def test_a_backup_that_is_under_way_is_waited_for(paper: Paper) -> None:
    dead(paper)
    paper.silent.clear()
    paper.busy.append("a snapshot's")
    look(paper, NOW + 60)
    look(paper, NOW + 120)
    assert paper.begun == []
    paper.busy.clear()
    look(paper, NOW + 180)
    assert paper.begun == ["other"]


def test_a_vault_that_an_operator_took_out_stays_out(paper: Paper) -> None:
    (paper.etc / "push/other/out").touch()
    look(paper, NOW)
    assert (paper.etc / "push/other/out").exists()
    assert paper.note("other", "incomplete") is None


def test_one_vault_alone_is_left_alone_and_so_is_a_server_that_does_not_reign(paper: Paper) -> None:
    (paper.etc / "push/main/00000001.conf").rename(paper.etc / "push/main/00000000.conf")
    dead(paper)
    assert paper.note("other", "out") is None
    (paper.etc / "push/main/00000000.conf").rename(paper.etc / "push/main/00000001.conf")
    (paper.etc / "reign").unlink()
    dead(paper)
    assert paper.note("other", "out") is None


def test_a_dead_vault_is_not_asked_at_every_look(paper: Paper) -> None:
    dead(paper)
    watch = VaultWatch(paper)
    watch.look(NOW + 10)
    paper.silent.clear()
    watch.look(NOW + 15)
    assert paper.note("other", "out")
    watch.look(NOW + 10 + ASKED_AGAIN_SECONDS)
    assert paper.note("other", "out") is None


@dataclass(frozen=True)
class Full(Server):
    """Its vault answers every question, and takes `room` segments. `given`: what it was given."""

    room: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)

    def _run(self, *argv: str, seconds: float = 30) -> tuple[int, str]:
        if "psql" in argv:
            return 0, "000000020000000000000005\n"
        if "archive-push" in argv:
            self.given.append(argv[-1].rpartition("/")[2])
            return (0 if self.room else 82), ""
        return 0, ""


def test_a_full_vault_answers_and_is_not_brought_back_before_it_takes_wal(tmp_path: Path) -> None:
    server = Full(tmp_path, tmp_path / "etc", tmp_path / "spool")
    assert server.answers("main", "00000002"), "there is no WAL to try it with"
    (tmp_path / "archive_status").mkdir()
    names = ("000000010000000000000009", "000000020000000000000003", "000000020000000000000004")
    for name in names:
        (tmp_path / name).touch()
        (tmp_path / "archive_status" / f"{name}.done").touch()
    (tmp_path / "archive_status" / f"{names[2]}.00000028.backup.done").touch()
    (tmp_path / "archive_status" / "00000002000000000000000A.done").touch()  # recycled
    assert not server.answers("main", "00000002")
    assert server.given == [names[2]], "nothing of an earlier reign goes there"
    server.room.append("much")
    assert server.answers("main", "00000002")


def test_what_waits_for_a_vault_is_what_it_does_not_hold_yet(paper: Paper) -> None:
    held = paper.spool / "held/main/00000001"
    held.mkdir(parents=True)
    for name in ("00000001000000000000000A", "00000001000000000000000B"):
        (paper.wal / "archive_status" / f"{name}.ready").touch()
    (held / "00000001000000000000000A").touch()
    waiting = {one.name: one.waiting for one in paper.counted("00000001")}
    assert waiting == {"main": SEGMENT_BYTES, "other": 2 * SEGMENT_BYTES}
