"""One look at a volume: what changed goes into one vault, which notes as of when it has all."""

import fcntl
import json
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from .ended import VolumeNotKept
from .kept import KeptVolume, NotesOfVolume
from .look import look_at
from .podman import mountpoint, run_in_service
from .restic import ResticRepository
from .task import VolumeTask, VolumeVault

_REACHED_SECONDS = 5.0
_WAIT_SECONDS = 24 * 3600.0
"""For what keeps the same volume: a first copy of a large one takes hours."""
_TIMES = 10.0
"""So many times as long as the last look took nothing is done, where liferaft.toml says no
interval: a large volume is looked at more seldom than once a minute."""
_LONGEST_REST = 900.0
"""And no longer than this: a first copy may have taken hours."""


@dataclass(frozen=True)
class VolumeState:
    """What is known of a volume in one vault, as of this server. at: when this was noted; until:
    everything that was written before is there; seconds: how long the last look took. Unix time."""

    at: float
    folder: str = ""
    until: float | None = None
    snapshot: str = ""
    moment: str = ""
    files: int = 0
    size: int = 0
    digest: str = ""
    seconds: float = 0.0
    failing: str = ""


def keep_if_due(task: VolumeTask, *, asked: bool) -> VolumeState:
    """asked: somebody waits for it. Raises VolumeNotKept; the state says so as well."""
    with _alone(task.state.with_suffix(".lock"), wait=asked):
        before = read_state(task)
        if not asked and task.interval is None and rests(before, time.time()):
            return before
        begun = time.time()
        try:
            found = replace(_kept(task, before), failing="")
        except (VolumeNotKept, OSError) as reason:
            _write(task, replace(before, at=time.time(), failing=str(reason)))
            raise VolumeNotKept(str(reason)) from None
        now = time.time()
        found = replace(found, at=now, seconds=now - begun)
        _write(task, found)
        return found


def rests(state: VolumeState, now: float) -> bool:
    """Whether a volume is not looked at yet. One that is not kept is tried at each turn. Pure."""
    rest = min(_TIMES * state.seconds, _LONGEST_REST)
    return not state.failing and 0 <= now - state.at < rest


def _kept(task: VolumeTask, before: VolumeState) -> VolumeState:
    (vault,) = task.vaults
    mount = mountpoint(task)
    require_answer(vault)
    with _quiet(task):
        moment = datetime.now(UTC)
        digest = look_at(mount, task.exclude)
        until = moment.timestamp()
        if before.snapshot and digest == before.digest and before.folder == task.folders[0]:
            return _as_before(vault, before, until)
        summary = ResticRepository(vault, task.folders[0], task.password).back_up(
            str(mount), task.exclude
        )
    notes = NotesOfVolume(vault)
    snapshot = notes.full_name(task.folders[0], summary["snapshot_id"])
    one = KeptVolume(task.folders[0], moment, snapshot)
    found = VolumeState(
        at=until,
        folder=one.folder,
        until=until,
        snapshot=snapshot,
        moment=moment.isoformat(),
        files=int(summary["total_files_processed"]),
        size=int(summary["total_bytes_processed"]),
        digest=digest,
    )
    notes.put(one, _told(found))
    return found


def _as_before(vault: VolumeVault, before: VolumeState, until: float) -> VolumeState:
    """Nothing changed: the vault's note says so, which whoever has this server no more reads."""
    found = replace(before, until=until)
    one = KeptVolume(found.folder, datetime.fromisoformat(found.moment), found.snapshot)
    NotesOfVolume(vault).put(one, _told(found))
    return found


def _told(found: VolumeState) -> Mapping[str, object]:
    assert found.until is not None
    until = datetime.fromtimestamp(found.until, UTC).isoformat()
    return {"until": until, "files": found.files, "size": found.size}


@contextmanager
def _quiet(task: VolumeTask) -> Iterator[None]:
    """Between `before` and `after`, of which those of several vaults take turns."""
    if task.before is None and task.after is None:
        yield
        return
    with _alone(task.state.parent / f"{task.name}.commands.lock", wait=True):
        try:
            if task.before is not None:
                run_in_service(task, task.before)
            yield
        finally:
            if task.after is not None:
                run_in_service(task, task.after)


def require_answer(vault: VolumeVault) -> None:
    """Raises VolumeNotKept where nobody listens: restic would ask for a quarter of an hour."""
    try:
        socket.create_connection((vault.host, vault.port), _REACHED_SECONDS).close()
    except OSError as failure:
        raise VolumeNotKept(f"vault {vault.name} does not answer: {failure}") from None


def read_state(task: VolumeTask) -> VolumeState:
    """As this server noted it; of one that has noted nothing that can be read, nothing."""
    with suppress(OSError, ValueError, TypeError):
        return VolumeState(**json.loads(task.state.read_text()))
    return VolumeState(0.0)


def _write(task: VolumeTask, state: VolumeState) -> None:
    """A disk that is full keeps nothing from being kept."""
    half = task.state.with_suffix(".half")
    with suppress(OSError):
        half.write_text(json.dumps(asdict(state)))
        half.replace(task.state)


@contextmanager
def _alone(path: Path, *, wait: bool) -> Iterator[None]:
    """Raises VolumeNotKept where another holds it, at once or after a day."""
    path.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + (_WAIT_SECONDS if wait else 0.0)
    with path.open("a") as held:
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise VolumeNotKept("the volume is being kept by another") from None
                time.sleep(0.5)
        yield
