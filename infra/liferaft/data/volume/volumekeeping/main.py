"""`liferaft-volume ACT FILE`: what a server does with a volume.

`keep`: in one vault, if it is due; `snapshot`: now, and tell what is there; `restore`: bring it
back from whichever vault has the newest; `seek`: if any has one; `bring`: if the server has none;
`prove`: one snapshot into a folder, compared; `forget`: let snapshots go, with keys from standard
input.

What a person has to know goes to standard error, with exit code 1.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from .ended import VolumeNotBack, VolumeNotKept
from .keep import keep_if_due, require_answer
from .restic import ResticRepository
from .restore import bring_apart, bring_if_absent, measured, restore, restore_if_any
from .task import VolumeTask

FAILED, DAMAGED = 1, 65
"""How it ends where something is to be told, and where that is damage of what a vault holds."""

_BRINGING = {"restore": restore, "seek": restore_if_any, "bring": bring_if_absent}


def main(argv: Sequence[str]) -> int:
    act, file, *more = argv
    task = VolumeTask.read(Path(file))
    try:
        sys.stdout.write(f"{_done(act, task, more)}\n")
    except (VolumeNotKept, VolumeNotBack, OSError) as reason:
        said = "IS NOT KEPT" if act in {"keep", "snapshot"} else "failed"
        sys.stderr.write(f"Volume {task.name} {said}: {reason}\n")
        is_damaged = isinstance(reason, VolumeNotBack) and reason.is_damaged
        return DAMAGED if is_damaged else FAILED
    return 0


def _done(act: str, task: VolumeTask, more: Sequence[str]) -> str:
    if act in {"keep", "snapshot"}:
        state = keep_if_due(task, asked=act == "snapshot")
        told = {**asdict(state), "digest": ""}
        return json.dumps(told)
    if act in _BRINGING:
        return json.dumps(_BRINGING[act](task))
    (vault,) = task.vaults
    require_answer(vault)
    repository = ResticRepository(vault, task.folders[0], task.password)
    if act == "prove":
        snapshot, into = more
        files, size = measured(bring_apart(repository, snapshot, Path(into)))
        return json.dumps({"files": files, "size": size})
    pair = sys.stdin.read().split()
    keys = (pair[0], pair[1]) if pair else None
    replace(repository, keys=keys).let_go(more)
    return "{}"
