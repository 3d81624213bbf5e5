"""What is said of a program that failed on a host, and that there is never a second one of it."""

import pytest

from liferaft.failures import Own
from liferaft.remote.acts import (
    HostActFailed,
    act,
    act_alone,
    argv_name,
    as_user,
    last_words,
    succeeds,
)
from liferaft.remote.contract import Completed, Host

from .conftest import PATIENCE, Served


class NotKept(HostActFailed):
    """A failure that says more."""


async def test_an_act_gives_what_the_program_said(host: Host) -> None:
    assert await act(host, ["cat"], doing="Reading", stdin=b" words \n") == "words"


async def test_a_failure_names_the_program_its_end_and_its_last_words_and_no_argument(
    host: Host,
) -> None:
    with pytest.raises(NotKept) as caught:
        await act(
            host,
            ["bash", "-c", "echo to no avail >&2; exit 3"],
            doing="Keeping it",
            failure=NotKept,
            safe=Own("The old one is whole."),
        )
    facts = caught.value.facts
    assert facts.happened == "Keeping it failed: bash ended with 3."
    assert facts.safe == "The old one is whole."
    assert facts.details == {"exit": "3", "said": "to no avail"}


async def test_what_it_complains_of_is_told_in_our_words(host: Host) -> None:
    with pytest.raises(HostActFailed) as caught:
        await act(
            host, ["bash", "-c", "echo 'cp: No space left on device' >&2; exit 1"], doing="Copying"
        )
    facts = caught.value.facts
    assert (
        facts.happened
        == "Copying failed: bash ended with 1. The server's disk is full, or takes no writes."
    )
    assert "larger disk" in facts.do


def test_the_program_is_named_and_not_who_starts_it() -> None:
    assert argv_name(as_user("postgres", "psql", "--quiet")) == "psql"
    assert argv_name(["systemd-run", "--wait", "--", "rclone", "copy"]) == "rclone"
    assert argv_name(["rclone", "--", "copy"]) == "rclone"


def test_last_words_are_the_end_of_the_errors_or_else_of_the_output() -> None:
    assert last_words(Completed(1, b"out", b"")) == "out"
    assert last_words(Completed(1, b"out", b"err\n")) == "err"
    assert last_words(Completed(1, b"", b"x" * 5000 + b"end"))[-4:] == "xend"
    assert len(last_words(Completed(1, b"", b"x" * 5000))) < 5000


def test_of_a_long_complaint_its_beginning_is_told_as_well_as_its_end() -> None:
    """pgBackRest says first what it asked for, and last what the store answered."""
    asked = (
        b"P00 ERROR: [039]: HTTP request failed with 403:\n" + b" " * 36 + b"DELETE /vault/latest"
    )
    headers = b"".join(b"\n" + b" " * 36 + b"x-header-%d: a value" % n for n in range(200))
    said = last_words(Completed(1, b"", asked + headers + b"\n<Code>AccessDenied</Code>"))
    assert "DELETE /vault/latest" in said
    assert said.endswith("<Code>AccessDenied</Code>")
    assert len(said) < 1300


async def test_a_question_is_answered_by_how_the_command_ends(host: Host) -> None:
    assert await succeeds(host, ["true"])
    assert not await succeeds(host, "true && false")


async def test_what_a_killed_run_left_behind_is_stopped_before_the_act_begins(
    host: Host, served: Served
) -> None:
    for name, ending in (("systemctl", ""), ("systemd-run", "echo done")):
        program = served.folder / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{served.folder}/calls\n{ending}\n')
        program.chmod(0o755)
    said = await act_alone(
        host,
        "restore.service",
        ["pgbackrest", "restore"],
        doing="Restoring",
        deadline=PATIENCE,
        failure=NotKept,
    )
    assert said == "done"
    stop, start = (served.folder / "calls").read_text().splitlines()
    assert stop == "systemctl stop restore.service"
    assert start.startswith("systemd-run ")
    assert start.endswith(
        "--unit=restore.service --uid=postgres --gid=postgres -- pgbackrest restore"
    )
