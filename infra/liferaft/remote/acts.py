"""Single acts on a host: a program is run with a meaning, and its failure is told by it."""

import re
from collections.abc import Sequence
from typing import Final

from liferaft.failures import Failure
from liferaft.remote.complaints import complaint
from liferaft.remote.contract import Command, Completed, Host

QUICK: Final = 30.0
"""Seconds for an act that does no bulk work, over a slow line."""
_LAST_WORDS: Final = 1200
_INDENTATION: Final = re.compile(r"(?<=\n)[ \t]+|[ \t]{2,}")
"""Characters of a failed program's output that go into the facts."""


class HostActFailed(Failure):
    """A program on a host ended with an error. `details` holds its code and last words."""


async def act(
    host: Host,
    argv: Sequence[str],
    *,
    doing: str,
    deadline: float = QUICK,
    stdin: bytes = b"",
    failure: type[HostActFailed] = HostActFailed,
    safe: str = "",
    do: str = "Run the same command again: it goes on where it stopped.",
) -> str:
    """Runs argv and returns its output, stripped; anything but exit 0 raises `failure`.

    `doing` reads as the beginning of a sentence: `Restoring database db`.
    """
    completed = await host.run(argv, stdin=stdin, deadline=deadline, check=False)
    if completed.exit_code != 0:
        raise failed(argv, completed, doing=doing, failure=failure, safe=safe, do=do)
    return completed.text


def failed(
    argv: Sequence[str],
    completed: Completed,
    *,
    doing: str,
    failure: type[HostActFailed],
    safe: str,
    do: str,
) -> HostActFailed:
    """The failure of a program that ended otherwise than well. What it complains of is told in our
    words where that is known. Pure."""
    known = complaint(f"{completed.stderr.decode(errors='replace')}\n{completed.text}")
    why = f" {known.why}" if known else ""
    return failure(
        f"{doing} failed: {argv_name(argv)} ended with {completed.exit_code}.{why}",
        safe=safe,
        do=known.do if known else do,
        details={"exit": str(completed.exit_code), "said": last_words(completed)},
    )


async def act_alone(
    host: Host,
    unit: str,
    argv: Sequence[str],
    *,
    doing: str,
    deadline: float,
    failure: type[HostActFailed],
    safe: str = "",
) -> str:
    """As `act` for `postgres`, for long acts of which there must be one: a run that was killed may
    have left its program behind. It runs in a unit, and what still runs there is stopped first."""
    await host.run(["systemctl", "stop", unit], deadline=120.0, check=False)
    in_unit = ("systemd-run", "--wait", "--pipe", "--collect", "--quiet", f"--unit={unit}")
    return await act(
        host,
        [*in_unit, "--uid=postgres", "--gid=postgres", "--", *argv],
        doing=doing,
        deadline=deadline,
        failure=failure,
        safe=safe,
    )


def argv_name(argv: Sequence[str]) -> str:
    """The program, also behind `runuser` or `systemd-run`, without its arguments."""
    return argv[argv.index("--") + 1] if argv[0] in {"runuser", "systemd-run"} else argv[0]


def last_words(completed: Completed) -> str:
    """The end of what a program said, without indentation; of a long one where its error begins as
    well: pgBackRest hands on whole answers of stores behind it."""
    whole = completed.stderr.decode(errors="replace").strip() or completed.text
    said = _INDENTATION.sub(" ", whole)
    begun = said.rfind("ERROR: ")
    if len(said) <= _LAST_WORDS or begun < 0 or len(said) - begun <= _LAST_WORDS:
        return said[-_LAST_WORDS:]
    half = _LAST_WORDS // 2
    return f"{said[begun : begun + half]} … {said[-half:]}"


def as_user(user: str, *argv: str) -> list[str]:
    return ["runuser", "-u", user, "--", *argv]


async def succeeds(host: Host, command: Command, *, deadline: float = QUICK) -> bool:
    completed = await host.run(command, deadline=deadline, check=False)
    return completed.exit_code == 0
