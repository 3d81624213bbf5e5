"""The Pulumi CLI on this machine: where it is, which version, and whether we can drive it."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OLDEST: Final = (3, 206, 0)
"""The first version whose events the SDK takes over gRPC, instead of from a file that it polls."""
NEWEST_MAJOR: Final = 3
_ASK_SECONDS: Final = 20.0


@dataclass(frozen=True)
class Executable:
    """A Pulumi CLI on this machine."""

    path: Path
    version: tuple[int, int, int] | None
    """The version is None for a build that tells none."""

    @property
    def is_supported(self) -> bool:
        return self.version is not None and OLDEST <= self.version < (NEWEST_MAJOR + 1, 0, 0)

    @property
    def told(self) -> str:
        return ".".join(map(str, self.version)) if self.version else "of no version"


def executable(surroundings: Mapping[str, str]) -> Executable | None:
    """The `pulumi` on PATH, asked for its version; None if there is none that starts."""
    found = shutil.which("pulumi", path=surroundings.get("PATH", os.defpath))
    if found is None:
        return None
    try:
        asked = subprocess.run(
            [found, "version"],
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=True,
            env={"PATH": surroundings.get("PATH", os.defpath), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return Executable(Path(found), _version(asked.stdout))


def _version(text: str) -> tuple[int, int, int] | None:
    told = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(told[1]), int(told[2]), int(told[3])) if told else None
