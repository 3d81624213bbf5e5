"""A new laptop: the former folder is gone; there are keys, a vault and liferaft."""

import shlex
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from liferaft_sandbox.failures import NotReadyInTime, SandboxFailed
from liferaft_sandbox.rehearsal.stage import Stage

FETCH_SECONDS = 120.0
_VARIABLE = "env/"


def on_a_new_laptop(stage: Stage, vault: str) -> Stage:
    """The stage with an operator who has what that vault gives, and nothing of the former folder.

    Raises SandboxFailed or NotReadyInTime.
    """
    folder = stage.folder / "laptop"
    former = stage.operator.folder / "liferaft.toml"
    command = command_for(tomllib.loads(former.read_text()), vault, folder)
    stage.say(f"$ liferaft blueprint … --vault {vault} (the operator's laptop is gone)")
    argv = (*stage.operator.liferaft, *command)
    try:
        done = subprocess.run(
            stage.operator.argv("operator", "sh", "-c", _shell(argv)),
            cwd=stage.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=FETCH_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise NotReadyInTime(f"Waited {FETCH_SECONDS:.0f} s for the blueprint.") from None
    if done.returncode:
        raise SandboxFailed(
            f"The blueprint did not come out of vault {vault}.", details={"said": done.stderr}
        )
    (found,) = folder.rglob("liferaft.toml")
    return replace(stage, operator=replace(stage.operator, folder=found.parent))


def command_for(named: Mapping[str, Any], vault: str, folder: Path) -> tuple[str, ...]:
    """What somebody types who knows where the vault is. Pure."""
    told = named["vaults"][vault]
    words = ("blueprint", told["url"], "--app", named["app"]["name"], "--vault", vault)
    store = ("--endpoint", told["endpoint"], "--ca-file", told["ca_file"])
    return (*words, *store, "--into", str(folder))


def _shell(argv: tuple[str, ...]) -> str:
    """A word `env/NAME` is the variable's value."""
    return " ".join(
        f'"${word.removeprefix(_VARIABLE)}"' if word.startswith(_VARIABLE) else shlex.quote(word)
        for word in argv
    )
