"""An earlier version of liferaft, in a clone of its own with exactly the packages it asked for."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SETUP_SECONDS: Final = 900.0
GIT_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Earlier:
    """One commit, checked out and installed below `folder`."""

    commit: str
    folder: Path

    @property
    def liferaft(self) -> tuple[str, ...]:
        """Argv that starts its command line."""
        return (str(self.folder / ".venv/bin/python"), "-m", "liferaft_cli")

    @property
    def project(self) -> Path:
        """The sample application as it was then."""
        return self.folder / "stacks/liferaft_stacks/microblog"


def installed(repository: Path, commit: str, below: Path) -> Earlier:
    """The commit, cloned and installed once. Raises CalledProcessError for what git does not know,
    and where its packages cannot be had."""
    whole = _git(repository, "rev-parse", "--verify", f"{commit}^{{commit}}")
    earlier = Earlier(whole, below / whole[:12])
    ready = earlier.folder / ".venv/ready"
    if not ready.exists():
        if not earlier.folder.exists():
            shared = _git(repository, "rev-parse", "--path-format=absolute", "--git-common-dir")
            _git(below, "clone", "--quiet", "--no-checkout", shared, earlier.folder.name)
        _git(earlier.folder, "checkout", "--quiet", "--detach", whole)
        python = Path(sys.base_prefix) / "bin/python3"
        subprocess.run(
            [str(earlier.folder / ".ci/python-packages"), str(python)],
            cwd=earlier.folder,
            check=True,
            timeout=SETUP_SECONDS,
        )
        ready.touch()
    return earlier


def _git(folder: Path, *words: str) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    argv = ["git", "-C", str(folder), *words]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True, timeout=GIT_SECONDS)
    return done.stdout.strip()
