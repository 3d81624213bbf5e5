"""The command as a process: whatever its streams are, and however it is ended."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

COMMAND = (sys.executable, "-m", "liferaft_cli")
pytestmark = pytest.mark.sandbox  # each in an interpreter of its own
PATIENCE = 60.0
UNDER_WAY = """
import asyncio, click
from liferaft_cli import main, options, running

async def step():
    try:
        click.echo("begun", err=True)
        await asyncio.Event().wait()
    finally:
        click.echo("put in order", err=True)

@main.liferaft.command()
def step_by_step():
    asyncio.run(running.interruptible(step()))

main.main()
"""


def run(*arguments: str, **streams: Any) -> "subprocess.CompletedProcess[bytes]":
    given = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(
        [*COMMAND, *arguments], check=False, timeout=PATIENCE, **{**given, **streams}
    )


@pytest.fixture
def full() -> Iterator[IO[bytes]]:
    with Path("/dev/full").open("wb") as file:
        yield file


@pytest.mark.usefixtures("folder")
def test_an_answer_that_could_not_be_written_is_no_success(full: IO[bytes]) -> None:
    ran = run("status", stdout=full)
    assert ran.returncode == 1
    assert b"could not be written to standard output: No space left" in ran.stderr


@pytest.mark.usefixtures("folder")
def test_a_command_decides_the_same_where_nothing_can_be_said(full: IO[bytes]) -> None:
    assert run("deploy", "east", stderr=full).returncode == 8


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("closed", "code"), [("<&-", 8), ("2>&-", 8), ("<&- >&- 2>&-", 8)])
def test_a_command_decides_the_same_where_streams_are_closed(closed: str, code: int) -> None:
    line = f'exec "$0" -m liferaft_cli deploy east {closed}'
    asked = ["sh", "-c", line, sys.executable]
    assert subprocess.run(asked, check=False, timeout=PATIENCE).returncode == code


@pytest.mark.usefixtures("folder")
def test_no_file_takes_the_place_of_a_stream_that_was_closed() -> None:
    """Whatever is said would land in it: in the journal, or on a connection."""
    program = (
        "import os; from liferaft_cli import process; process.secure(); "
        "os._exit(os.open('liferaft.toml', os.O_RDONLY))"
    )
    asked = ["sh", "-c", 'exec "$0" -c "$1" <&- >&- 2>&-', sys.executable, program]
    assert subprocess.run(asked, check=False, timeout=PATIENCE).returncode > 2


@pytest.mark.usefixtures("folder")
def test_a_reader_that_has_heard_enough_is_told_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ran = run("status", stdout=writing)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (1, b"")


@pytest.mark.usefixtures("folder")
def test_a_screen_of_another_character_set_shows_what_it_can() -> None:
    ran = run("plan", "deploy", "east", env={**os.environ, "PYTHONIOENCODING": "latin-1"})
    assert ran.returncode == 0
    assert b"[1" in ran.stderr
    assert b"\\u2192" in ran.stderr


@pytest.mark.usefixtures("folder")
def test_an_answer_in_another_character_set_is_none_and_says_no_more_than_that() -> None:
    ran = run("deploy", "east", input=b"\xff\xfe\n", stdin=None)
    assert ran.returncode == 8
    assert ran.stderr.endswith(b"Nothing was done.\n")


@contextmanager
def under_way(*ignored: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A step that waits. It ignores those signals and no others, whatever we were started with."""
    signals = ["--default-signal=INT,TERM,HUP", *(f"--ignore-signal={name}" for name in ignored)]
    argv = ["env", *signals, sys.executable, "-c", UNDER_WAY, "step-by-step"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE) as process:
        try:
            assert process.stderr
            assert process.stderr.readline() == b"begun\n"
            yield process
        finally:
            process.kill()


def is_told_how_it_goes_on(process: "subprocess.Popen[bytes]") -> bool:
    _, said = process.communicate(timeout=PATIENCE)
    first, order, last = filter(None, said.decode().splitlines())
    assert first.startswith("Interrupted: ending what is under way")
    assert order == "put in order"
    assert last == "Interrupted. Run the same command again: it goes on from there."
    return process.returncode == 130


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_whoever_ends_a_run_is_told_how_it_goes_on(number: signal.Signals) -> None:
    with under_way() as process:
        process.send_signal(number)
        assert is_told_how_it_goes_on(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_run_in_the_background_of_a_script_hears_who_ends_it(number: signal.Signals) -> None:
    """A script starts it with SIGINT ignored: a Ctrl-C is meant for others."""
    with under_way("INT") as process:
        process.send_signal(signal.SIGINT)
        process.send_signal(number)
        assert is_told_how_it_goes_on(process)


def test_a_hangup_that_is_ignored_stays_so() -> None:
    program = (
        "import signal; from liferaft_cli import process; "
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); process.secure(); "
        "process.leave(signal.getsignal(signal.SIGHUP) is signal.SIG_IGN)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 1


@pytest.mark.usefixtures("folder")
def test_python_is_not_taken_down_under_the_threads_of_the_vaults_library() -> None:
    """Such a thread aborts the process now and then; here it surely does."""
    program = (
        "import ctypes; ctypes.pythonapi.Py_AtExit(ctypes.CDLL(None).abort); "
        "from liferaft_cli.main import main; main()"
    )
    argv = [sys.executable, "-c", program, "status"]
    ran = subprocess.run(argv, check=False, capture_output=True, timeout=PATIENCE)
    assert ran.returncode == 0
    assert ran.stdout


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("variable", "coloured"), [("", True), ("1", False)])
def test_who_wants_no_colour_gets_none_in_errors_either(variable: str, coloured: bool) -> None:
    mine, its = pty.openpty()
    try:
        run("deploy", "mars", stderr=its, env={**os.environ, "NO_COLOR": variable})
        said = os.read(mine, 4096)
    finally:
        os.close(mine)
        os.close(its)
    assert b"names no site mars" in said
    assert (b"\x1b[" in said) is coloured
