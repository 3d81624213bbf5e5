"""Running a command in a place: its network, resolver and variables; files stay where they are."""

import ctypes
import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from liferaft.sandbox.credentials import without_the_world
from liferaft.sandbox.failures import SandboxFailed

PR_SET_PDEATHSIG = 1
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x20000000, 0x40000000
FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
"""The terminal sends the others (Ctrl-C) to the command by itself."""
NOT_STARTED = 127

_libc = ctypes.CDLL(None, use_errno=True)


def set_namespace(descriptor: int, kind: int) -> None:
    """setns(2), which os has from Python 3.12 on. Raises OSError."""
    if _libc.setns(descriptor, kind):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def run_in_place(
    place: str,
    argv: list[str],
    *,
    lab: int,
    environment: Path,
    inherited: Mapping[str, str],
) -> int:
    """The exit code of `argv`, run in that place of the lab that process `lab` (unshare) holds.

    128 and the signal's number when a signal ended it. The command dies with this process.
    """
    root = Path(f"/proc/{lab}/root/run")
    try:
        namespaces = [
            (os.open(path, os.O_RDONLY | os.O_CLOEXEC), kind)
            for path, kind in (
                (f"/proc/{lab}/ns/pid_for_children", CLONE_NEWPID),
                (root / "netns" / place, CLONE_NEWNET),
                (root / "places" / place, CLONE_NEWNS),
            )
        ]
    except OSError as error:
        raise SandboxFailed(f"The place {place} cannot be entered: {error}.") from error
    variables = {
        **without_the_world(inherited),
        **json.loads(environment.read_text()),
        "LIFERAFT_SANDBOX_PLACE": place,
    }
    folder = Path.cwd()
    for descriptor, kind in namespaces[:1]:
        set_namespace(descriptor, kind)  # from here on it is children that live in there
    child = os.fork()
    if child == 0:
        os._exit(_become(argv, namespaces[1:], folder, variables))
    return _outcome(child)


def _become(
    argv: list[str],
    namespaces: list[tuple[int, int]],
    folder: Path,
    variables: Mapping[str, str],
) -> int:
    """Only returns when the command could not be started."""
    try:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        for descriptor, kind in namespaces:
            set_namespace(descriptor, kind)
        os.chdir(folder)
        os.execvpe(argv[0], argv, variables)  # noqa: S606 - the operator's own command
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    return NOT_STARTED


def _outcome(child: int) -> int:
    def forward(number: int, _: FrameType | None) -> None:
        os.kill(child, number)

    before: dict[signal.Signals, Callable[..., object] | int | None] = {
        number: signal.signal(number, forward) for number in FORWARDED
    }
    before[signal.SIGINT] = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        _, status = os.waitpid(child, 0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code
