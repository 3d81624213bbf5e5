"""Runs that did not end: which of them can still be gone on with."""

from collections.abc import Iterator, Mapping
from typing import Any

from liferaft.journal import RunRecord, find_unfinished, list_runs, read_run
from liferaft.vault import EpochChain, EpochRecord, Vault


def superseded(inputs: Mapping[str, Any], current: EpochRecord | None) -> bool:
    """Whether a plan built from these inputs may not run any more: another reign has begun since.

    A plan of a reign that is over would write under its epoch, and one that wants an epoch which
    another site took could never reach it.
    """
    if current is None or current.epoch < inputs["epoch"]:
        return False
    if current.epoch > inputs["epoch"]:
        return True
    return bool(inputs["reigns"]) and current.site != inputs["site"]


def resumable(vault: Vault, *, move: str, site: str) -> RunRecord | None:
    """The run that a command goes on with, if there is one. Blocks."""
    run = find_unfinished(vault, move=move, site=site)
    if run is None or superseded(run.inputs, EpochChain(vault).current()):
        return None
    return run


def open_runs(vault: Vault) -> Iterator[RunRecord]:
    """Every run that its command would go on with, the newest first. Blocks."""
    current = EpochChain(vault).current()
    seen: set[tuple[str, str]] = set()
    for name in list_runs(vault):
        if current is not None and name.epoch < current.epoch:
            return
        run = read_run(vault, name)
        kind = (run.move, run.site)
        if kind not in seen and not run.closed and not superseded(run.inputs, current):
            yield run
        seen.add(kind)
