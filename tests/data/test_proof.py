"""What runs in a scratch place gives way, ends with its operator's line, and is one at a time."""

import os
import subprocess
from pathlib import Path
from typing import cast

import pytest
from tests.moves.actions.scripted import Scripted

from liferaft.data import proof as room
from liferaft.data.failures import NotVerified
from liferaft.data.proof import GaveWay, Proof, Trial, finish_folder, prepare_folder, run_in_scratch
from liferaft.failures import Held, Refused
from liferaft.remote.acts import HostActFailed
from liferaft.remote.contract import Command, Completed, Host
from liferaft.site.reach import VaultAccess

TRIAL = Trial(VaultAccess("main", "b", "s3.test", 443, "r", "id", "secret"), "point-1")
FREE = {"systemctl": (3, "", "")}


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """A folder with a `systemctl` that says what runs, and one in memory for the trial."""
    (tmp_path / "run").mkdir()
    (tmp_path / "state").write_text("inactive\n")
    program = tmp_path / "systemctl"
    program.write_text(f"#!/bin/bash\ncat {tmp_path}/state\n")
    program.chmod(0o755)
    return tmp_path


def start(server: Path, script: str) -> "subprocess.Popen[str]":
    argv = ["bash", "-c", room._WATCHED, "-", "one.service two.service", "bash", "-c", script]
    return subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PATH": f"{server}:/usr/bin:/bin",
            "RUNTIME_DIRECTORY": str(server / "run"),
        },
        preexec_fn=os.setsid,  # noqa: PLW1509 - one thread
    )


def test_a_program_is_told_and_answers_through_it_and_ends_with_its_own_code(server: Path) -> None:
    running = start(server, 'read -r line; sleep 3; echo "told $line"; exit 7')
    said, _ = running.communicate("secret\n", timeout=30)
    assert said.strip() == "told secret"
    assert running.returncode == 7


def test_it_ends_within_seconds_once_a_failover_restores(server: Path) -> None:
    (server / "state").write_text("activating\n")
    running = start(server, "exec sleep 60")
    assert running.wait(30) == 75
    assert running.stdout is not None
    assert running.stdout.readline().strip() == "one.service"


def test_it_ends_within_seconds_once_the_line_is_cut(server: Path) -> None:
    running = start(server, "exec sleep 60")
    assert running.stdout is not None
    running.stdout.close()
    assert running.wait(30) != 0


async def test_a_trial_says_whether_it_gave_way_failed_or_what_it_answers() -> None:
    def host(code: int, said: str) -> Host:
        return cast("Host", Scripted({**FREE, "systemd-run": (code, said, "torn")}))

    async def run(code: int, said: str = "") -> str:
        act = "Trying it"
        return await run_in_scratch(host(code, said), ["x"], trial=TRIAL, doing=act, deadline=9)

    assert await run(0, "\n\nanswer") == "answer"
    with pytest.raises(GaveWay, match=r"one\.service runs"):
        await run(75, "one.service")
    with pytest.raises(HostActFailed, match="x ended with 1"):
        await run(1)


async def test_a_second_trial_on_a_server_is_refused_or_ends_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "_LEAVES_SECONDS", 0.0)
    monkeypatch.setattr(room, "GIVES_WAY_TO", ())
    host = cast("Host", Scripted({"systemctl": (0, "", ""), "systemd-run": (0, "answer", "")}))
    with pytest.raises(Held, match="Somebody else"):
        await run_in_scratch(host, ["x"], trial=TRIAL, doing="Trying", deadline=9)
    mine = Trial(TRIAL.vault, "point-1", takes_over=True)
    assert await run_in_scratch(host, ["x"], trial=mine, doing="Trying", deadline=9) == "answer"


async def test_no_trial_begins_while_a_failover_restores() -> None:
    host = cast("Host", Scripted({"systemctl": (0, "", "")}))
    with pytest.raises(GaveWay, match="A failover restores on this server"):
        await run_in_scratch(host, ["x"], trial=TRIAL, doing="Trying", deadline=9)


class Local(Scripted):
    """Runs what it is told, here."""

    def __init__(self) -> None:
        super().__init__({})

    async def run(self, command: Command, **_: object) -> Completed:
        ended = subprocess.run(list(command), capture_output=True, check=False)  # noqa: ASYNC221
        return Completed(ended.returncode, ended.stdout, ended.stderr)


async def test_a_folder_with_anything_in_it_is_refused_and_a_killed_restores_is_begun_anew(
    tmp_path: Path,
) -> None:
    host, path = cast("Host", Local()), tmp_path / "new" / "postgres-db"
    owner = "root" if os.geteuid() == 0 else str(os.geteuid())
    await prepare_folder(host, str(path), 1, owner=owner)
    (path / "half").touch()
    await prepare_folder(host, str(path), 1, owner=owner)
    assert not (path / "half").exists(), "a killed one left it"
    await finish_folder(host, str(path))
    (path / "whole").touch()
    with pytest.raises(Refused, match="holds something"):
        await prepare_folder(host, str(path), 1, owner=owner)
    assert (path / "whole").exists()
    with pytest.raises(Refused, match="no room"):
        await prepare_folder(host, str(tmp_path / "other"), 10**18, owner=owner)
    assert not (tmp_path / "other").exists()


def test_what_a_program_said_of_a_fault_is_not_noted() -> None:
    fault = NotVerified("It is torn.", details={"vault": "main", "said": "a row of somebody's"})
    told = Proof("postgres", "db", faults=(fault,)).to_json()
    assert told["faults"][0]["details"] == {"vault": "main"}
