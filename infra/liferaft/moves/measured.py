"""What was measured of the way back: by the runs that began a reign, and by trials of points."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from liferaft.config import Config
from liferaft.data import registry
from liferaft.journal import RunName, RunRecord, what_is_left
from liferaft.moves.time_back import Measured, Measurements, TimeBack, projected
from liferaft.recovery.point import RecoveryPoint
from liferaft.recovery.verified import verification_of
from liferaft.vault import Damaged, EpochChain, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

_BEGINNINGS: Final = 3
"""So many of the last beginnings of a reign are read, and trials of as many epochs."""
_TRIALS: Final = 5
_RESTORE, _REPLAY, _END = "restore", "replay", "prove"
ASSUMED: Final = Measured(10.0, 100, "`make trials ONLY=replay`: 100 files of WAL over a long line")
"""What a replay is reckoned by until a failover has replayed: a trial replays to the end of its
backup, and does not look for the end of an archive."""


def time_back(config: Config, vault: Vault, epoch: int, point: RecoveryPoint) -> TimeBack:
    """How long a failover from this epoch would take that restores this point. Blocks."""
    kinds = {kind.name: kind for kind in registry.kinds_of(config)}
    sized = [part for part in point.parts if part.kind in kinds and kinds[part.kind].archives]
    segments = sum(kinds[part.kind].archived_since(vault, epoch, point) for part in sized)
    known = measurements(vault, epoch)
    return projected(known, size=sum(part.size for part in sized), segments=segments)


def measurements(vault: Vault, epoch: int) -> Measurements:
    """What is on record of the last reigns. What cannot be read measures nothing. Blocks."""
    begun = [run for run in _beginnings(vault, epoch) if _is_of_one_piece(run)]
    runs = [run for run in begun if run.move == "failover"]
    return Measurements(
        around=[one for run in runs or begun for one in _around(run)],
        restore=[*_restored(runs), *_tried(vault, epoch)],
        replay=list(_replayed(runs)) or [ASSUMED],
    )


def _beginnings(vault: Vault, epoch: int) -> Iterator[RunRecord]:
    """The newest first."""
    for number in range(epoch, max(0, epoch - _BEGINNINGS), -1):
        try:
            run = what_is_left(vault, RunName.parse(EpochChain(vault).record(number).run))
        except (KeyMissing, Damaged, ValueError, TypeError):
            continue
        if run.has_beginning:
            yield run


def _is_of_one_piece(run: RunRecord) -> bool:
    """It went through without a stop: one that a person went on with later measures him as well."""
    through = run.is_finished and not run.faults and _END in run.steps
    return through and len({event.session for event in run.events}) == 1


def _around(run: RunRecord) -> Iterator[Measured]:
    ended = run.steps[_END].ended
    if ended is not None:
        restored = sum(one.seconds for one in _restored([run]))
        seconds = (ended - run.began).total_seconds() - restored - _seconds(run, _REPLAY)
        yield Measured(max(0.0, seconds), of=f"the {run.move} to {run.site}")


def _restored(runs: list[RunRecord]) -> Iterator[Measured]:
    """What a step says of itself is what a trial measures; of earlier versions, all of the step:
    with stopping, configuring and looking."""
    for run in runs:
        step = run.steps.get(_RESTORE)
        if step is not None and step.seconds and "bytes" in step.facts:
            told: Mapping[str, float] = step.facts.get("seconds") or {_RESTORE: step.seconds}
            size = float(step.facts["bytes"])
            yield Measured(sum(told.values()), size, f"the failover to {run.site}")


def _replayed(runs: list[RunRecord]) -> Iterator[Measured]:
    for run in runs:
        seconds = _seconds(run, _REPLAY)
        if seconds:
            segments = float(run.inputs.get("segments", 0))
            yield Measured(seconds, segments, f"the failover to {run.site}")


def _seconds(run: RunRecord, step: str) -> float:
    record = run.steps.get(step)
    return (record.seconds or 0.0) if record else 0.0


def _tried(vault: Vault, epoch: int) -> Iterator[Measured]:
    """The last trials that found a point whole."""
    for number, name in islice(_trials(vault, epoch), _TRIALS):
        for where, one in verification_of(vault, number, name).vaults.items():
            for part in () if one.faults else one.parts:
                seconds: Mapping[str, float] = part.get("seconds", {})
                if _RESTORE in seconds:
                    yield restored_on_trial(
                        seconds, part["size"], f"the trial of {name} from vault {where}"
                    )


def restored_on_trial(seconds: Mapping[str, float], size: float, of: str) -> Measured:
    """Files are brought, and PostgreSQL is started on them. Pure."""
    both = float(seconds[_RESTORE]) + float(seconds.get(_REPLAY, 0.0))
    return Measured(both, float(size), of)


def _trials(vault: Vault, epoch: int) -> Iterator[tuple[int, str]]:
    """The newest first."""
    for number in range(epoch, max(0, epoch - _BEGINNINGS), -1):
        for key in reversed(vault.list(EpochKeys(number).verifications)):
            yield number, key.rpartition("/")[2].removesuffix(".json")
