"""The program of a trial on a server: what it does when something lacks or is in its way."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from liferaft.data.failures import NotAsSealed, NotVerified
from liferaft.data.postgres import proof as room
from liferaft.data.postgres.proof import proof_of
from liferaft.data.proof import Trial
from liferaft.failures import Failure, Refused
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed
from liferaft.remote.program import packed
from liferaft.site.reach import VaultAccess

TRIAL = Trial(VaultAccess("main", "b", "s3.test", 443, "r", "id", "secret"), "point-1")
SEGMENT = "15-1/0000000100000000/000000010000000000000003-0a1b.lz4"
LABEL = "20261122-135900F"
PART = Part("postgres", "db", 1, "", 9, {"labels": {"main": LABEL}, "system_id": "7"})
ROW = {"percent": 100, "rows": 3, "digest": "5"}
WHOLE = {
    "seconds": {"restore": 1.0},
    "tables": [{"table": "public.post", **ROW}],
    "lsn": "0/4000000",
    "system_id": "7",
    "fault": "",
    "said": "",
    "code": 0,
}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The program as it lies on a server, beside programs that a test writes."""
    path = tmp_path / "program"
    path.write_bytes(packed(Path(room.__file__).parent / "pgscratch"))
    (tmp_path / "bin").mkdir()
    return path


def write(folder: Path, name: str, text: str) -> None:
    path = folder / "bin" / name
    path.write_text(f"#!/bin/bash\n{text}\n")
    path.chmod(0o755)


def start(program: Path, **changes: object) -> "subprocess.Popen[str]":
    folder = program.parent
    order = {
        "folder": str(folder / "scratch"),
        "binaries": str(folder / "bin"),
        "config": "c",
        "stanza": "main",
        "label": LABEL,
        "timeline": 1,
        "lsn": None,
        "database": "chirp",
        "questions": "",
        "need": 1,
        "floor": 1,
        **changes,
    }
    running = subprocess.Popen(
        [sys.executable, "-I", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": f"{folder / 'bin'}:/usr/bin:/bin"},
    )
    assert running.stdin is not None
    running.stdin.write(json.dumps(order))
    running.stdin.close()
    return running


def answer(running: "subprocess.Popen[str]") -> Mapping[str, Any]:
    assert running.stdout is not None
    last = running.stdout.read().splitlines()[-1]
    assert running.wait(30) == 0
    told: Mapping[str, Any] = json.loads(last)
    return told


def test_a_disk_without_room_is_told_before_anything_is_written(program: Path) -> None:
    write(program.parent, "pgbackrest", "touch ran")
    assert answer(start(program, need=10**18))["fault"] == "space"
    assert not (program.parent / "scratch").exists()


def test_what_another_trial_left_is_deleted_first(program: Path) -> None:
    left = program.parent / "scratch" / "data"
    left.mkdir(parents=True)
    write(program.parent, "pgbackrest", "printf 'torn \\xff' >&2; exit 29")
    told = answer(start(program))
    assert (told["fault"], told["said"], told["code"]) == ("restore", "torn \ufffd", 29)
    assert not left.exists()


def test_a_program_that_is_not_there_is_named(program: Path) -> None:
    write(program.parent, "pgbackrest", "mkdir -p scratch/data")
    told = answer(start(program))
    assert told["fault"] == "program"
    assert "bin/postgres is not on this server" in told["said"]


def test_a_server_that_does_not_start_says_why(program: Path) -> None:
    write(program.parent, "pgbackrest", "mkdir -p scratch/data")
    write(program.parent, "postgres", "echo WAL ends before the backup >&2; exit 1")
    write(program.parent, "psql", "exit 2")
    told = answer(start(program))
    assert (told["fault"], told["said"]) == ("replay", "WAL ends before the backup")


LOGGED = "server process (PID 7) was terminated by signal 9: Killed"


@pytest.mark.parametrize(
    "dies", [f"echo '{LOGGED}' >&2; exit 1", "kill -9 $$"], ids=["one of its processes", "itself"]
)
def test_a_copy_that_the_server_has_killed_says_nothing_of_its_backup(
    program: Path, dies: str
) -> None:
    """Of all on the server it is the first to go where memory ends."""
    write(program.parent, "pgbackrest", "mkdir -p scratch/data")
    write(program.parent, "postgres", dies)
    write(program.parent, "psql", "exit 2")
    told = answer(start(program))
    assert told["fault"] == "killed"
    with pytest.raises(HostActFailed, match="for lack of memory") as caught:
        proof_of(PART, told, TRIAL)
    assert "No result was noted" in caught.value.facts.safe


def test_a_process_that_is_killed_while_the_copy_is_looked_at_is_no_damage(program: Path) -> None:
    folder = program.parent
    write(folder, "pgbackrest", "mkdir -p scratch/data")
    write(folder, "postgres", "sleep 60 & trap 'kill $!; exit 0' TERM; wait")
    write(folder, "pg_ctl", "pkill -TERM -P $PPID -f bin/postgres")
    write(folder, "psql", "echo 0/1 7")
    write(folder, "pg_amcheck", f"echo '{LOGGED}' >>{folder}/scratch/log; exit 1")
    assert answer(start(program))["fault"] == "killed"


def test_it_is_gone_within_seconds_once_the_disk_has_less_than_the_floor(program: Path) -> None:
    write(program.parent, "pgbackrest", "exec sleep 60")
    told = answer(start(program, floor=10**18, need=-(10**18)))
    assert told["fault"] == "space"
    assert "bytes are left" in told["said"]


def test_a_copy_that_was_compared_says_so_and_one_that_was_only_counted_as_well() -> None:
    digests = {"lsn": "0/3000000", "tables": {"public.post": ROW}}
    measured = Part(**{**vars(PART), "facts": {**PART.facts, "digests": digests}})
    assert "every digest is that of 0/3000000" in proof_of(measured, WHOLE, TRIAL).checked[-1]
    assert "was not measured then" in proof_of(PART, WHOLE, TRIAL).unread[0]


@pytest.mark.parametrize(
    ("fault", "said", "code", "object_"),
    [
        ("restore", "x", 29, f"backup/main/{LABEL}"),
        ("replay", f"repo1: {SEGMENT} [ChecksumError] raised", 1, f"archive/main/{SEGMENT}"),
        ("replay", "WAL ends before end of online backup", 1, f"backup/main/{LABEL}"),
        ("structure", "index torn", 2, f"backup/main/{LABEL}"),
        ("pages", "checksum", 1, f"backup/main/{LABEL}"),
    ],
)
def test_damage_is_a_finding_that_names_data_set_vault_object_and_what_is_safe(
    fault: str, said: str, code: int, object_: str
) -> None:
    proof = proof_of(PART, {**WHOLE, "fault": fault, "said": said, "code": code}, TRIAL)
    (found,) = proof.faults
    assert isinstance(found, NotAsSealed)
    assert "Database db of recovery point point-1" in found.facts.happened
    assert "vault main" in found.facts.happened
    assert f"(object epoch-00000001/pgbackrest/{object_})" in found.facts.happened
    assert "said" not in proof.to_json()["faults"][0]["details"], "it may quote what was sealed"
    assert "What serves goes on" in found.facts.safe


@pytest.mark.parametrize(
    ("fault", "said", "code", "kind"),
    [
        ("restore", "HostConnectError", 49, HostActFailed),
        ("replay", "archive-get: [HostConnectError] raised", 1, HostActFailed),
        ("replay", "recovery ended before configured recovery target", 1, HostActFailed),
        ("space", "7 bytes are left", 0, Refused),
        ("program", "pgbackrest is not on this server", 0, Refused),
    ],
)
def test_what_only_kept_a_trial_from_its_end_is_no_finding(
    fault: str, said: str, code: int, kind: type[Failure]
) -> None:
    with pytest.raises(kind):
        proof_of(PART, {**WHOLE, "fault": fault, "said": said, "code": code}, TRIAL)


def test_the_backup_of_another_cluster_is_no_proof() -> None:
    (found,) = proof_of(PART, {**WHOLE, "system_id": "8"}, TRIAL).faults
    assert isinstance(found, NotVerified)
