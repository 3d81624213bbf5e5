"""The program that archives WAL, over a pgBackRest that answers as it is told, store by store."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from liferaft.data.postgres.configuration import program_files

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, THREE = (f"00000001000000000000000{number}" for number in (1, 2, 3))
PLACES = {
    "etc": "/etc/pgbackrest/liferaft",
    "spool": "/var/spool/pgbackrest/liferaft",
    "kept": "/var/lib/liferaft/data/kept",
}
PGBACKREST = """#!/bin/bash
# Answers for a store with what lies in answers/STORE: seconds to wait, and an exit code.
for word in "$@"; do [[ $word == --config=* ]] && store=${word%/*} store=${store##*/}; done
read -r seconds code 2>/dev/null <"$ROOT/answers/$store" || seconds=0 code=0
sleep "$seconds"
((code == 0)) || echo "[$code]"
((code == 0)) && file=${*: -1} && echo "$store ${file##*/}" >>"$ROOT/taken"
exit "$code"
"""


@dataclass(frozen=True)
class Primary:
    """A folder that stands for a database's whole server, in epoch 1."""

    folder: Path

    def put(self, path: str, text: str = "") -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def write(self, *segments: str) -> None:
        """PostgreSQL has ended these."""
        for one in segments:
            self.put(f"pg_wal/{one}", "wal")
            self.put(f"pg_wal/archive_status/{one}.ready")

    def copied(self, path: str, *, ago: float = 0.0) -> None:
        """A keeper says that its last copy began that long ago. It says so now."""
        self.put(f"kept/{path}", f"{time.time() - ago + 0.5:.6f}\n")

    def store(self, name: str, *, epoch: str = "00000001") -> None:
        self.put(f"etc/push/{name}/{epoch}.conf")

    def answers(self, store: str, *, code: int = 0, after: float = 0) -> None:
        self.put(f"answers/{store}", f"{after} {code}\n")

    def begun(self, segment: str) -> subprocess.Popen[bytes]:
        path = f"{self.folder}:{os.environ['PATH']}"
        return subprocess.Popen(
            [self.folder / "pgbackrest-push", f"pg_wal/{segment}"],
            cwd=self.folder,
            env={"PATH": path, "ROOT": str(self.folder)},
            stderr=subprocess.PIPE,
        )

    def push(self, segment: str) -> int:
        """As PostgreSQL does it."""
        process = self.begun(segment)
        process.communicate(timeout=60)
        if process.returncode == 0:
            (self.folder / f"pg_wal/archive_status/{segment}.ready").unlink()
        return process.returncode

    @property
    def taken(self) -> list[str]:
        """`STORE SEGMENT`, in the order in which they were pushed."""
        file = self.folder / "taken"
        return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def primary(tmp_path: Path) -> Primary:
    (source,) = (one for one in program_files() if one.path.endswith("/pgbackrest-push"))
    text = source.content.decode()
    for kept, there in PLACES.items():
        assert f"\n{kept}={there}\n" in text
        text = text.replace(there, str(tmp_path / kept))
    for name, content in (("pgbackrest-push", text), ("pgbackrest", PGBACKREST)):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o755)
    server = Primary(tmp_path)
    server.put("etc/reign", "00000001\n")
    server.put("spool/up")
    server.store("main")
    server.write(ONE)
    return server


def test_one_vault_gets_each_segment_once(primary: Primary) -> None:
    primary.write(TWO)
    assert primary.push(ONE) == 0
    assert primary.push(TWO) == 0
    assert primary.taken == [f"main {ONE}", f"main {TWO}"]


def test_postgresql_keeps_a_segment_until_every_vault_has_it(primary: Primary) -> None:
    primary.store("other")
    primary.answers("other", code=103)
    assert primary.push(ONE) == 1
    assert primary.taken == [f"main {ONE}"]
    primary.answers("other")
    assert primary.push(ONE) == 0
    assert primary.taken == [f"main {ONE}", f"other {ONE}"]


def test_a_vault_that_hangs_starves_no_other_of_what_comes_meanwhile(primary: Primary) -> None:
    primary.store("other")
    primary.answers("other", code=103, after=6)
    process = primary.begun(ONE)
    time.sleep(1.5)
    primary.write(TWO)
    deadline = time.monotonic() + 4
    while f"main {TWO}" not in primary.taken:
        assert time.monotonic() < deadline
        assert process.poll() is None, "the other vault is still waited for"
        time.sleep(0.05)
    assert process.wait(timeout=60) == 1


def test_a_vault_that_takes_nothing_is_noted_with_its_beginning_until_it_takes_again(
    primary: Primary,
) -> None:
    primary.store("other")
    primary.answers("other", code=103)
    primary.push(ONE)
    note = primary.folder / "spool/silent/other"
    since = note.read_text()
    assert abs(int(since) - time.time()) < 10
    note.write_text("1000\n")
    primary.push(ONE)
    assert note.read_text() == "1000\n", "its beginning stays"
    assert not (primary.folder / "spool/silent/main").exists()
    said = primary.folder / "spool/said/other"
    assert said.read_text() == "[103]\n", "what it answered lies beside"
    primary.answers("other")
    assert primary.push(ONE) == 0
    assert not note.exists()
    assert not said.exists()


def test_a_vault_that_was_taken_out_is_not_waited_for(primary: Primary) -> None:
    primary.store("other")
    primary.put("etc/push/other/out", '{"since": 1}')
    assert primary.push(ONE) == 0
    assert primary.taken == [f"main {ONE}"]


def test_without_any_vault_postgresql_keeps_everything(primary: Primary) -> None:
    primary.put("etc/push/main/out")
    assert primary.push(ONE) == 1


def test_a_vault_of_an_earlier_epoch_alone_is_not_waited_for(primary: Primary) -> None:
    """liferaft.toml does not name it any more."""
    primary.store("gone", epoch="00000000")
    assert primary.push(ONE) == 0
    assert primary.taken == [f"main {ONE}"]


def test_each_vault_waits_for_its_own_copies_of_buckets(primary: Primary) -> None:
    primary.store("other")
    primary.copied("main/media")
    primary.copied("other/media", ago=30)
    assert primary.push(ONE) == 1
    assert primary.taken == [f"main {ONE}"]
    primary.copied("other/media")
    assert primary.push(ONE) == 0
    assert primary.taken == [f"main {ONE}", f"other {ONE}"]


def test_a_bucket_that_is_not_copied_to_a_vault_does_not_stop_that_vaults_archive(
    primary: Primary,
) -> None:
    primary.store("other")
    primary.copied("main/media")
    primary.copied("other/media", ago=300)
    os.utime(primary.folder / "kept/other/media", (1, 1))
    process = primary.begun(ONE)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"bucket media was not copied to other" in said
    assert primary.taken.count(f"other {ONE}") == 1


def test_what_the_keeper_of_an_earlier_version_says_counts_for_every_vault(
    primary: Primary,
) -> None:
    primary.copied("media", ago=30)
    assert primary.push(ONE) == 1
    assert primary.taken == []
    primary.copied("main/media")
    primary.copied("media", ago=30)
    assert primary.push(ONE) == 0, "the keeper of this vault says more"
