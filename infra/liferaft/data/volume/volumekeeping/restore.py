"""A volume comes back: the newest whole snapshot that any vault has, beside the volume's folder,
compared, and only then in its place. What was killed goes on, and is never half there."""

import os
import shutil
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .compare import differences
from .ended import VolumeNotBack, VolumeNotKept, output_of
from .holes import dig_holes
from .keep import require_answer
from .kept import KeptVolume, NotesOfVolume
from .podman import has_volume, make_volume
from .restic import ResticRepository, writes_holes
from .task import VolumeTask, VolumeVault

_STAGED = ".liferaft-restoring-"
_WHOLE = "whole"
_OLDER = 5
"""Snapshots before a damaged one that are tried, in each vault."""


@dataclass
class VolumeSearch:
    """What was found in vaults. silent: why some could not be asked; damaged: what was passed over,
    and why."""

    silent: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)


def restore(task: VolumeTask) -> dict[str, Any]:
    """What came, and from where. Raises VolumeNotBack where nothing whole is to be had."""
    search = VolumeSearch()
    return _restored(task, search, _candidates(task, search))


def restore_if_any(task: VolumeTask) -> dict[str, Any]:
    """As `restore`; nothing where every vault answers and none has anything of it. Raises
    VolumeNotBack."""
    search = VolumeSearch()
    found = _candidates(task, search)
    return _restored(task, search, found) if found or search.silent else {}


def bring_if_absent(task: VolumeTask) -> dict[str, Any]:
    """As `restore`, where the server has no such volume, or half of one; `vault` is missing where
    it has one, and where there is nothing to bring. Raises VolumeNotBack."""
    return {} if is_there(task) else restore_if_any(task)


def is_there(task: VolumeTask) -> bool:
    """A volume that was being restored is none."""
    return not _pending(task).exists() and has_volume(task)


def _pending(task: VolumeTask) -> Path:
    """It is there from before a volume is made for what comes back until all of that has come."""
    return task.state.parent / f"{task.name}.pending"


def _restored(
    task: VolumeTask, search: VolumeSearch, found: Sequence[tuple[VolumeVault, KeptVolume]]
) -> dict[str, Any]:
    begun = time.monotonic()
    failed: list[str] = []
    broken: set[str] = set()
    for vault, one in found:
        if vault.name in broken:
            continue
        try:
            mount = _bring(task, vault, one)
        except (VolumeNotBack, VolumeNotKept) as failure:
            said = f"{vault.name}: {failure}"
            failed.append(said)
            if isinstance(failure, VolumeNotBack) and failure.is_damaged:
                search.damaged[f"{vault.name} {one.moment.isoformat()}"] = str(failure)
            else:
                # An older one of the same vault would lose what only the way to it withheld.
                broken.add(vault.name)
                search.silent[vault.name] = str(failure)
            continue
        files, size = measured(mount)
        return {
            "vault": vault.name,
            "folder": one.folder,
            "snapshot": one.snapshot,
            "moment": one.moment.isoformat(),
            "until": _until(task, vault, one),
            "files": files,
            "size": size,
            "silent": search.silent,
            "damaged": search.damaged,
            "seconds": round(time.monotonic() - begun, 3),
        }
    why = "; ".join([*failed, *(f"{name}: {said}" for name, said in search.silent.items())])
    raise VolumeNotBack(why or "no vault holds a whole snapshot of it")


def _until(task: VolumeTask, vault: VolumeVault, one: KeptVolume) -> str:
    """As of when it is what it was: asked for a moment, no later than that one."""
    until = datetime.fromisoformat(NotesOfVolume(vault).until(one))
    return (min(until, datetime.fromisoformat(task.as_of)) if task.as_of else until).isoformat()


def _candidates(task: VolumeTask, search: VolumeSearch) -> list[tuple[VolumeVault, KeptVolume]]:
    """The newest first, whichever vault has it: of a later reign before all of an earlier one,
    which may write on though it does not reign any more."""
    limit = datetime.fromisoformat(task.as_of) if task.as_of else None
    found: list[tuple[KeptVolume, int, VolumeVault]] = []
    for rank, vault in enumerate(task.vaults):
        try:
            require_answer(vault)
            each = [one for of in task.folders for one in NotesOfVolume(vault).all_of(of)]
        except VolumeNotKept as failure:
            search.silent[vault.name] = str(failure)
            continue
        fit = sorted(one for one in each if limit is None or one.moment <= limit)
        found += [(one, -rank, vault) for one in fit[-_OLDER:]]
    found.sort(key=lambda row: (row[0].folder, row[0].moment, row[1]), reverse=True)
    return [(vault, one) for one, _, vault in found]


def _bring(task: VolumeTask, vault: VolumeVault, one: KeptVolume) -> Path:
    """The volume's folder, with all of it."""
    pending = _pending(task)
    pending.parent.mkdir(parents=True, exist_ok=True)
    pending.touch()
    flush(pending.parent)
    mount = make_volume(task)
    staged = mount.parent / f"{_STAGED}{vault.name}-{one.snapshot[:16]}"
    for other in mount.parent.glob(f"{_STAGED}*"):
        if other != staged:
            shutil.rmtree(other)
    if not (staged / _WHOLE).exists():
        target = staged / "files"
        target.mkdir(parents=True, exist_ok=True)
        bring_into(ResticRepository(vault, one.folder, task.password), one.snapshot, target)
        output_of(["sync", "--file-system", str(staged)], seconds=900)
        (staged / _WHOLE).touch()
    _swap(staged, mount)
    pending.unlink()
    return mount


def bring_into(
    repository: ResticRepository, snapshot: str, target: Path, *, verify: bool = False
) -> None:
    """The snapshot is in the folder, and is what restic's own list of it says. Raises
    VolumeNotBack."""
    repository.restore(snapshot, str(target), verify=verify)
    if not writes_holes():
        dig_holes(target)
    came = list(target.iterdir())
    nodes = repository.nodes(snapshot)
    wrong = differences(came[0], nodes) if len(came) == 1 else ["it is not one folder"]
    if wrong:
        shutil.rmtree(target)
        more = f", and {len(wrong) - 3} more" if len(wrong) > 3 else ""  # noqa: PLR2004
        raise VolumeNotBack(f"it came otherwise: {'; '.join(wrong[:3])}{more}", is_damaged=True)


def bring_apart(repository: ResticRepository, snapshot: str, into: Path) -> Path:
    """The snapshot's folder, read again and compared, in a folder that holds nothing else of it.
    Raises VolumeNotBack."""
    target = into / ".coming"
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    bring_into(repository, snapshot, target, verify=True)
    (came,) = target.iterdir()
    whole = came.rename(into / came.name)
    target.rmdir()
    return whole


def _swap(staged: Path, mount: Path) -> None:
    """Each line leaves what the next call goes on from: nothing is ever in the volume's place but
    what was there, or all of what came."""
    came = next(iter((staged / "files").iterdir()), None)
    if came is not None:
        if mount.exists():
            before = staged / "before"
            if before.exists():
                shutil.rmtree(before)
            mount.rename(before)
        came.rename(mount)
        flush(mount.parent)
    shutil.rmtree(staged)


def flush(folder: Path) -> None:
    """What was made or renamed in it outlives a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def measured(folder: Path) -> tuple[int, int]:
    """Files and bytes of a folder, as they are told."""
    seen = (path.lstat() for path in folder.rglob("*"))
    sizes = [one.st_size for one in seen if stat.S_ISREG(one.st_mode)]
    return len(sizes), sum(sizes)
