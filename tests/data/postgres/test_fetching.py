"""The program by which a standby fetches WAL, over a pgBackRest that answers as it is told."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.data.cluster import CLUSTER

from liferaft.data.postgres.configuration import Repository, pgbackrest, program_files
from liferaft.data.postgres.fetches import fetches, stuck, times_absent
from liferaft.site.reach import VaultAccess

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO, THREE = (f"00000001000000000000000{number}" for number in (1, 2, 3))
PLACES = {"etc": "/etc/pgbackrest/liferaft", "spool": "/var/spool/pgbackrest/liferaft"}
PGBACKREST = """#!/bin/bash
# Answers with what lies in answers/HOW-REPOSITORY-FILE: an exit code, and what it says.
for word in "$@"; do
    case $word in
    --repo=*) repository=${word#--repo=} ;;
    --archive-async) how=queue ;;
    esac
done
[[ ${*: -2:1} == repo-ls ]] && how=listed
file=${*: -2:1}
echo "${how:-alone} $repository $file" >>"$ROOT/calls"
[[ -e $ROOT/answers/never-$repository ]] && exec sleep 60
read -r code said 2>/dev/null <"$ROOT/answers/${how:-alone}-$repository-$file" || code=1
[[ -n ${said:-} ]] && echo "$said"
exit "$code"
"""

CURL = """#!/bin/bash
shopt -s nullglob
# Whether somebody speaks at an address of an object store.
echo "speaks ${*: -1}" >>"$ROOT/calls"
for dead in "$ROOT"/answers/dead-*; do [[ ${*: -1} == *://${dead##*/dead-}:* ]] && exit 7; done
printf 403
"""
REPOSITORY = """\
repo{number}-path={path}
repo{number}-s3-bucket=b
repo{number}-s3-endpoint={host}
repo{number}-storage-port=8443
"""


@dataclass(frozen=True)
class Standby:
    """A folder with the program, the repositories 1 and 2 at two vaults, and what pgBackRest
    answers."""

    folder: Path

    def dies(self, host: str, *repositories: int, silently: bool = False) -> None:
        """A vault: pgBackRest says so of its repositories in the end, or (silently) never."""
        (self.folder / "answers" / f"dead-{host}").touch()
        for number in repositories:
            for file in (ONE, TWO, THREE):
                self.answer("alone", number, file, "49 [HostConnectError] unable to connect")
            if silently:
                (self.folder / "answers" / f"never-{number}").touch()

    def answer(self, how: str, repository: int, file: str, said: str = "0") -> None:
        (self.folder / "answers" / f"{how}-{repository}-{file}").write_text(f"{said}\n")

    def holds_no_archive(self, repository: int, *, listed: str = "0") -> None:
        """It says so of every file, in pgBackRest's words; `listed`: how it answers a listing."""
        for file in (ONE, TWO, THREE):
            said = f"[FileMissingError] repo{repository}: unable to load info file 'archive.info'"
            self.answer("alone", repository, file, f"103 {said}")
        self.answer("listed", repository, "repo-ls", listed)

    def fetch(self, file: str, *, seconds: float = 30) -> tuple[int, list[str]]:
        """The exit code, and what pgBackRest was asked for it."""
        calls = self.folder / "calls"
        calls.write_text("")
        path = f"{self.folder}:{os.environ['PATH']}"
        ended = subprocess.run(
            [self.folder / "pgbackrest-get", file, "pg_wal/RECOVERYXLOG"],
            env={"PATH": path, "ROOT": str(self.folder)},
            check=False,
            timeout=seconds,
            capture_output=True,
        )
        return ended.returncode, calls.read_text().splitlines()

    @property
    def log(self) -> str:
        return (self.folder / "spool" / "get.log").read_text()


def put_program(name: str, folder: Path) -> None:
    """One of ours, in a folder that stands for the whole host."""
    (source,) = (one for one in program_files() if one.path.endswith(f"/{name}"))
    text = source.content.decode()
    for kept, there in PLACES.items():
        assert f"\n{kept}={there}\n" in text
        text = text.replace(there, str(folder / kept))
    for file, content in ((name, text), ("pgbackrest", PGBACKREST), ("curl", CURL)):
        (folder / file).write_text(content)
        (folder / file).chmod(0o755)


@pytest.fixture
def standby(tmp_path: Path) -> Standby:
    for name in ("etc", "spool", "answers"):
        (tmp_path / name).mkdir()
    put_program("pgbackrest-get", tmp_path)
    write_repositories(tmp_path, ("/two", "one.test"), ("/one", "other.test"))
    return Standby(tmp_path)


def write_repositories(folder: Path, *each: tuple[str, str]) -> None:
    """Each has a path and a vault's host."""
    told = (
        REPOSITORY.format(number=number, path=path, host=host)
        for number, (path, host) in enumerate(each, start=1)
    )
    (folder / "etc" / "get.conf").write_text("".join(told))


def test_what_follows_is_fetched_ahead_from_the_repository_that_gave_the_last(
    standby: Standby,
) -> None:
    standby.answer("alone", 2, ONE)
    standby.answer("queue", 2, TWO)
    standby.answer("queue", 2, THREE)
    assert standby.fetch(ONE) == (0, [f"alone 1 {ONE}", f"alone 2 {ONE}"])
    assert standby.fetch(TWO) == (0, [f"queue 2 {TWO}"])
    assert standby.fetch(THREE) == (0, [f"queue 2 {THREE}"])
    assert [row.file for row in fetches(standby.log, since=0)] == [ONE, TWO, THREE]


def test_the_end_of_the_archive_is_told_by_every_repository_and_never_by_a_queue(
    standby: Standby,
) -> None:
    standby.answer("alone", 2, ONE)
    standby.fetch(ONE)
    asked = [f"alone 1 {TWO}", f"alone 2 {TWO}"]
    assert standby.fetch(TWO) == (1, [f"queue 2 {TWO}", *asked])
    assert times_absent(fetches(standby.log, since=0), TWO) == 1
    assert standby.fetch(TWO) == (1, asked), "what was missing once is not waited for again"
    assert times_absent(fetches(standby.log, since=0), TWO) == 2


def test_a_segment_that_is_asked_for_again_is_fetched_anew(standby: Standby) -> None:
    """PostgreSQL could not read it: what lies in the vault may be another one by now."""
    for number in (1, 2):
        standby.answer("alone", number, ONE)
    standby.fetch(ONE)
    assert standby.fetch(ONE) == (0, [f"alone 1 {ONE}"])


def test_the_queue_goes_on_in_the_next_reigns_archive(standby: Standby) -> None:
    standby.answer("alone", 2, ONE)
    standby.answer("alone", 1, TWO)
    standby.answer("queue", 1, THREE)
    standby.fetch(ONE)
    assert standby.fetch(TWO) == (0, [f"queue 2 {TWO}", f"alone 1 {TWO}"])
    assert standby.fetch(THREE) == (0, [f"queue 1 {THREE}"])


def test_a_history_is_asked_of_the_archives_alone(standby: Standby) -> None:
    standby.answer("alone", 2, ONE)
    standby.fetch(ONE)
    history = "00000002.history"
    assert standby.fetch(history) == (1, [f"alone 1 {history}", f"alone 2 {history}"])


def test_damage_is_told_by_name_though_a_queue_met_it_first(standby: Standby) -> None:
    damage = f"29 ERROR: repo2: 15-1/{TWO}-57c0.lz4 [CryptoError] unable to flush"
    standby.answer("alone", 2, ONE)
    standby.answer("queue", 2, TWO, "82 ERROR: [082]: raised from another process")
    standby.answer("alone", 2, TWO, damage)
    standby.fetch(ONE)
    assert [standby.fetch(TWO)[0] for _ in range(2)] == [2, 2]
    found = stuck(fetches(standby.log, since=0))
    assert found is not None
    assert (found.file, found.repository) == (TWO, 2)
    assert "[CryptoError]" in found.reason


def test_a_vault_without_an_archive_of_that_reign_has_nothing_and_holds_nothing_up(
    standby: Standby,
) -> None:
    """It was away, or was named later."""
    standby.holds_no_archive(1)
    standby.answer("alone", 2, ONE)
    assert standby.fetch(ONE)[0] == 0
    standby.answer("queue", 2, TWO, "1")
    assert standby.fetch(TWO)[0] == 1
    assert times_absent(fetches(standby.log, since=0), TWO) == 1


@pytest.mark.parametrize("listed", ["49", "0 archive.info.copy"])
def test_a_vault_whose_archive_cannot_be_ruled_out_is_never_the_end(
    standby: Standby, listed: str
) -> None:
    """It fell silent in between, or its notes alone are gone."""
    standby.holds_no_archive(1, listed=listed)
    assert standby.fetch(ONE)[0] == 3
    assert times_absent(fetches(standby.log, since=0), ONE) == 0


def test_what_another_vault_has_does_not_wait_for_one_that_died(standby: Standby) -> None:
    standby.dies("one.test", 1)
    standby.answer("alone", 2, ONE)
    standby.answer("alone", 2, THREE)
    speaks = "speaks https://one.test:8443/"
    assert standby.fetch(ONE) == (0, [f"alone 1 {ONE}", speaks, f"alone 2 {ONE}"])
    standby.answer("queue", 2, TWO)
    assert standby.fetch(TWO) == (0, [f"queue 2 {TWO}"])
    assert standby.fetch(THREE) == (0, [f"queue 2 {THREE}", f"alone 2 {THREE}"])


def test_a_dead_vault_is_asked_once_for_all_its_archives(standby: Standby) -> None:
    write_repositories(
        *(standby.folder, ("/three", "one.test"), ("/two", "one.test"), ("/one", "other.test"))
    )
    standby.dies("one.test", 1, 2)
    standby.answer("alone", 3, ONE)
    speaks = "speaks https://one.test:8443/"
    assert standby.fetch(ONE) == (0, [f"alone 1 {ONE}", speaks, f"alone 3 {ONE}"])


def test_a_question_that_a_dead_vault_never_answers_is_given_up(standby: Standby) -> None:
    standby.dies("one.test", 1, silently=True)
    standby.answer("alone", 2, ONE)
    assert standby.fetch(ONE, seconds=20)[0] == 0


def test_a_vault_that_is_only_slow_is_waited_for(standby: Standby) -> None:
    (standby.folder / "answers" / "never-1").touch()
    program = standby.folder / "pgbackrest"
    program.write_text(program.read_text().replace("exec sleep 60", "sleep 5"))
    program.chmod(0o755)
    standby.answer("alone", 1, ONE)
    speaks = "speaks https://one.test:8443/"
    assert standby.fetch(ONE) == (0, [f"alone 1 {ONE}", speaks])


def test_what_a_dead_vault_may_have_alone_is_no_end_of_the_archive(standby: Standby) -> None:
    """PostgreSQL asks again. Until the vault speaks, that alone is asked of it."""
    standby.dies("one.test", 1)
    speaks = "speaks https://one.test:8443/"
    assert standby.fetch(ONE) == (3, [f"alone 1 {ONE}", speaks, f"alone 2 {ONE}"])
    assert standby.fetch(ONE) == (3, [f"alone 2 {ONE}", speaks])
    rows = fetches(standby.log, since=0)
    assert [(row.ending, row.file, row.repository) for row in rows] == 2 * [("silent", ONE, 1)]

    (standby.folder / "answers" / "dead-one.test").unlink()
    standby.answer("alone", 1, ONE)
    assert standby.fetch(ONE) == (0, [f"alone 2 {ONE}", speaks, f"alone 1 {ONE}"])


def test_a_history_that_a_dead_vault_may_have_is_waited_for_in_its_place(standby: Standby) -> None:
    """Without it a timeline would be taken for one that nobody has."""
    history = "00000002.history"
    standby.dies("one.test", 1)
    standby.answer("alone", 1, history, "49 [HostConnectError] unable to connect")
    with pytest.raises(subprocess.TimeoutExpired):
        standby.fetch(history, seconds=3)
    (standby.folder / "answers" / "dead-one.test").unlink()
    standby.answer("alone", 1, history)
    assert standby.fetch(history) == (0, ["speaks https://one.test:8443/", f"alone 1 {history}"])


def test_nothing_beyond_the_settled_end_is_taken_out_of_the_queue(standby: Standby) -> None:
    standby.answer("alone", 2, ONE)
    standby.answer("queue", 2, TWO)
    standby.fetch(ONE)
    (standby.folder / "etc" / "get.end").write_text(f"{ONE}\n")
    assert standby.fetch(TWO) == (1, [])


def test_the_first_push_of_a_primary_removes_what_it_had_fetched_ahead(standby: Standby) -> None:
    standby.answer("alone", 2, ONE)
    standby.fetch(ONE)
    assert (standby.folder / "spool" / "ahead").is_dir()
    put_program("pgbackrest-push", standby.folder)
    (standby.folder / "etc" / "reign").write_text("00000002\n")
    subprocess.run(
        [standby.folder / "pgbackrest-push", f"pg_wal/{TWO}"], cwd=standby.folder, check=False
    )
    assert not (standby.folder / "spool" / "ahead").exists()


def test_no_push_ever_takes_a_queue() -> None:
    """Where one repository is dead, an asynchronous push starves the others."""
    access = VaultAccess("main", "b", "objects.test", 443, "r", "key", "secret", prefix="chirp/")
    assert "async" not in pgbackrest([Repository(access, 1, "passphrase")], CLUSTER, lock="main")
    for file in program_files():
        assert ("--archive-async" in file.content.decode()) == file.path.endswith("pgbackrest-get")
