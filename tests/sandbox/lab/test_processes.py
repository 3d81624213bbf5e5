import os
import subprocess
from pathlib import Path

from liferaft_sandbox.lab.processes import Process, Processes


def test_a_process_that_ended_does_not_live_though_its_number_may() -> None:
    me = Process.of(os.getpid())
    assert me.lives()
    assert not Process(me.number, "1").lives()
    with subprocess.Popen(["sleep", "60"]) as child:
        process = Process.of(child.pid)
        process.end()
    assert not process.lives()


def test_processes_are_found_again_by_what_was_written(tmp_path: Path) -> None:
    both = Processes(Process(3, "30"), Process(4, "40"))
    both.write(tmp_path / "warden.json")
    assert Processes.read(tmp_path / "warden.json") == both
