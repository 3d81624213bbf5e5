"""Single acts on a host: run a program with a meaning, put a file only when it differs, markers.

A marker is a small file written LAST, atomically: what it names is complete. It lets a run that was
killed go on without doing anything twice.
"""

import asyncio
import hashlib
import shlex
from collections.abc import Sequence
from typing import Final

from liferaft.data.contract import HostFile
from liferaft.data.failures import HostActFailed
from liferaft.remote.contract import Completed, Host

MARKERS: Final = "/var/lib/liferaft/data"
PROGRAMS: Final = "/usr/lib/liferaft"
QUICK: Final = 30.0
"""Seconds for an act that does no bulk work, over a slow line."""
_LANES: Final = 4
"""Files put at one time: each waits for the disk. An SSH server allows ten sessions in all."""
_LAST_WORDS: Final = 1200
"""Characters of a failed program's output that go into the facts."""


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
        raise failure(
            f"{doing} failed: {argv_name(argv)} ended with {completed.exit_code}.",
            safe=safe,
            do=do,
            details={"exit": str(completed.exit_code), "said": last_words(completed)},
        )
    return completed.text


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
    said = completed.stderr.decode(errors="replace").strip() or completed.text
    return said[-_LAST_WORDS:]


def as_user(user: str, *argv: str) -> list[str]:
    return ["runuser", "-u", user, "--", *argv]


async def succeeds(host: Host, argv: Sequence[str], *, deadline: float = QUICK) -> bool:
    completed = await host.run(argv, deadline=deadline, check=False)
    return completed.exit_code == 0


async def differing(host: Host, files: Sequence[HostFile]) -> tuple[HostFile, ...]:
    """Those whose content on the host is another, or that are missing there."""
    if not files:
        return ()
    listing = await host.run(
        ["sha256sum", "--", *(file.path for file in files)], deadline=QUICK, check=False
    )
    there = {}
    for line in listing.text.splitlines():
        digest, _, path = line.partition("  ")
        there[path] = digest
    return tuple(
        file for file in files if there.get(file.path) != hashlib.sha256(file.content).hexdigest()
    )


async def put_changed(host: Host, files: Sequence[HostFile]) -> tuple[str, ...]:
    """Puts the files that differ or are missing; returns their paths. Folders must exist."""
    changed = await differing(host, files)
    lanes = asyncio.Semaphore(_LANES)

    async def put(file: HostFile) -> None:
        async with lanes:
            await host.put(file.path, file.content, mode=file.mode, owner=file.owner)

    endings = await asyncio.gather(*map(put, changed), return_exceptions=True)
    for ending in endings:
        if ending is not None:
            raise ending
    return tuple(file.path for file in changed)


async def folder(host: Host, path: str, *, owner: str = "root:root", mode: int = 0o755) -> None:
    await folders(host, path, owner=owner, mode=mode)


async def folders(host: Host, *paths: str, owner: str = "root:root", mode: int = 0o755) -> None:
    """In the order given, so a parent comes before what it holds."""
    user, _, group = owner.partition(":")
    await act(
        host,
        ["install", "-d", "-o", user, "-g", group or user, "-m", f"{mode:04o}", *paths],
        doing=f"Making the folders {', '.join(paths)}",
    )


async def mark(host: Host, name: str, marker: str) -> None:
    """Says for good that the act `name` is complete for `marker`; durable on return."""
    path = shlex.quote(f"{MARKERS}/{name}")
    script = (
        f"umask 022; mkdir -p {MARKERS} && cat > {path}.new && sync {path}.new"
        f" && mv {path}.new {path} && sync {MARKERS}"
    )
    await act(host, ["bash", "-c", script], stdin=marker.encode(), doing=f"Marking {name} done")


async def unmark(host: Host, name: str) -> None:
    await act(host, ["rm", "-f", f"{MARKERS}/{name}"], doing=f"Taking back the marker {name}")


async def is_marked(host: Host, name: str, marker: str) -> bool:
    completed = await host.run(["cat", f"{MARKERS}/{name}"], deadline=QUICK, check=False)
    return completed.exit_code == 0 and completed.text == marker
