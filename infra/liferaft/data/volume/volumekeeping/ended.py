"""Programs that are run to their end, within a bound."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_SAID = 600
_QUICK = 60.0


class VolumeNotKept(Exception):
    """A volume is not in a vault, for a reason that a person has to know."""


class VolumeNotBack(Exception):
    """A volume was not brought back. is_damaged: since what the vault holds is not as it was
    written."""

    def __init__(self, said: str, *, is_damaged: bool = False) -> None:
        super().__init__(said)
        self.is_damaged = is_damaged


@dataclass(frozen=True)
class Ended:
    """A program that ended by itself."""

    code: int
    output: bytes
    said: str
    """All that it wrote to stderr."""

    @property
    def last_words(self) -> str:
        """The end of what it had to say."""
        return (self.said.strip() or self.output.decode(errors="replace").strip())[-_SAID:]


def end_of(
    argv: Sequence[str],
    *,
    seconds: float = _QUICK,
    body: bytes = b"",
    environment: Mapping[str, str] | None = None,
    folder: str | None = None,
) -> Ended:
    """Raises VolumeNotKept where it did not end in time, or is not there."""
    try:
        ended = subprocess.run(
            argv,
            input=body,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=environment,
            cwd=folder,
        )
    except subprocess.TimeoutExpired:
        raise VolumeNotKept(f"{argv[0]} did not end within {seconds:.0f} s") from None
    except OSError as failure:
        raise VolumeNotKept(f"{argv[0]} does not run: {failure}") from None
    return Ended(ended.returncode, ended.stdout, ended.stderr.decode(errors="replace"))


def output_of(argv: Sequence[str], *, seconds: float = _QUICK, body: bytes = b"") -> str:
    """Raises VolumeNotKept where it ended with an error as well."""
    ended = end_of(argv, seconds=seconds, body=body)
    if ended.code:
        raise VolumeNotKept(f"{argv[0]} ended with {ended.code}: {ended.last_words}")
    return ended.output.decode(errors="replace").strip()
