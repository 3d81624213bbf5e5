"""What podman would refuse, tried before anything is stopped."""

from pathlib import Path

from .containers import look, remove, run
from .files import COMPOSE, PODMAN, services

TRIAL = "liferaft-trial"
"""The project of containers that are made and never started."""


def refused(staged: str) -> tuple[str, str] | None:
    """Which services podman makes no container for, and its words; None if it makes them all.

    The containers are of a project of their own and never started.
    """
    argv = ["podman-compose", "--podman-path", PODMAN, "-p", TRIAL, "-f", COMPOSE]
    argv += ["up", "--no-start", "--no-build"]
    remove(TRIAL)  # what a trial that was killed left would pass for made
    try:
        said = run(*argv, folder=staged)
        made = look(TRIAL)
        missing = [name for name in services(Path(staged)) if name not in made]
    finally:
        remove(TRIAL)
        run("podman", "network", "rm", "--force", f"{TRIAL}_default")
        volumes = ["--quiet", "--filter", f"label=io.podman.compose.project={TRIAL}"]
        for volume in run("podman", "volume", "ls", *volumes).stdout.split():
            run("podman", "volume", "rm", "--force", volume)
    words = (said.stdout + said.stderr).splitlines()[-20:]
    return (", ".join(missing), "\n".join(words)) if missing else None
