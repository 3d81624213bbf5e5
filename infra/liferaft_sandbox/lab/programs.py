"""Running a program to its end: argv lists, a deadline, and what it said on failure."""

import subprocess

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed


def run(*argv: str, given: str | None = None, seconds: float = 120) -> str:
    """What `argv` printed. Raises SandboxFailed with its own words when it does not exit 0."""
    try:
        ended = subprocess.run(
            argv, input=given, capture_output=True, text=True, check=False, timeout=seconds
        )
    except FileNotFoundError as error:
        raise SandboxFailed(f"The program {argv[0]} is not installed.") from error
    except subprocess.TimeoutExpired as error:
        raise NotReadyInTime(f"`{' '.join(argv)}` did not end in {seconds:.0f} s.") from error
    if ended.returncode:
        raise SandboxFailed(
            f"`{' '.join(argv)}` ended with {ended.returncode}.",
            details={"said": (ended.stderr or ended.stdout).strip()},
        )
    return ended.stdout


def within(namespace: str, *argv: str) -> tuple[str, ...]:
    """`argv` in that network namespace. Not `ip netns exec`, which would replace /sys as well."""
    return ("nsenter", f"--net=/run/netns/{namespace}", *argv)
