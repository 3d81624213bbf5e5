"""Running a command in a place: its network, resolver and variables; files stay where they are."""

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from liferaft_sandbox.credentials import without_the_world
from liferaft_sandbox.failures import SandboxFailed
from liferaft_sandbox.lab.places import resolver_file
from liferaft_sandbox.state import State

PR_SET_PDEATHSIG = 1
MS_BIND = 0x1000
CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET = 0x20000, 0x20000000, 0x40000000
FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
"""The terminal sends the others (Ctrl-C) to the command by itself."""
NOT_STARTED = 127

_libc = ctypes.CDLL(None, use_errno=True)


def run_in_place(
    place: str, argv: Sequence[str], *, lab: int, state: State, inherited: Mapping[str, str]
) -> int:
    """The exit code of `argv`, run in that place of the lab that process `lab` (unshare) holds.

    128 and the signal's number when a signal ended it. The command dies with this process.
    """
    try:
        processes, network, files = (
            os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            for path in (
                f"/proc/{lab}/ns/pid_for_children",
                f"/proc/{lab}/root/run/netns/{place}",
                f"/proc/{lab}/ns/mnt",
            )
        )
    except OSError as error:
        raise SandboxFailed(f"The place {place} cannot be entered: {error}.") from error
    variables = {
        **without_the_world(inherited),
        **json.loads(state.environment(place).read_text()),
        "LIFERAFT_SANDBOX_PLACE": place,
        # The same programs inside as outside: this very `liferaft` among them.
        "PATH": f"{Path(sys.executable).parent}:{inherited.get('PATH', os.defpath)}",
    }
    folder = Path.cwd()
    _set_namespace(processes, CLONE_NEWPID)  # for children, not for this process
    child = os.fork()
    if child == 0:
        try:
            _check(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
            _set_namespace(network, CLONE_NEWNET)
            _set_namespace(files, CLONE_NEWNS)
            _see(state.resolver(place))
            os.chdir(folder)
            os.execvpe(argv[0], list(argv), variables)  # noqa: S606 - the operator's own command
        except OSError as error:
            os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        finally:
            os._exit(NOT_STARTED)
    return _outcome(child)


def _see(resolver: Path) -> None:
    """A view of the files of its own, in which /etc/resolv.conf is `resolver`."""
    _check(_libc.unshare(CLONE_NEWNS))
    target = os.fsencode(resolver_file())
    _check(_libc.mount(os.fsencode(resolver), target, None, MS_BIND, None))


def _set_namespace(descriptor: int, kind: int) -> None:
    """setns(2), which os has from Python 3.12 on."""
    _check(_libc.setns(descriptor, kind))


def _check(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


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
