"""Where the application stands: read from the vault alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.in_vaults import NOT_IN
from liferaft.data.wholeness import QUICK
from liferaft.journal import RunRecord
from liferaft.moves import wholeness
from liferaft.moves.unfinished import runs_of_epoch
from liferaft.recovery import point as points
from liferaft.recovery.destroyed import destroyed_at
from liferaft.recovery.point import NoRecoveryPoint, RecoveryPoint
from liferaft.recovery.verified import last_verified, verification_of
from liferaft.vault import Attendance, Damaged, EpochChain, EpochRecord, Vault, attendance

LATE = timedelta(seconds=60)
"""An archive that is written every ten seconds and is further behind than this stands still."""
_HOUR = 3600
COMMANDS = {
    "clear": "destroy {site} --servers",
    "image": "image build {site}",
    "prune": "snapshot prune",
    "schedule": "snapshot schedule",
    "snapshot": "snapshot",
}
"""How moves are called whose command has another name."""


@dataclass(frozen=True)
class Standing:
    """Who reigns since when (UTC, ISO 8601), what could be restored, what was not finished.

    Nothing reigns before the first deploy has claimed it. `destroyed_at`: when the site that reigns
    was deleted; nothing serves then. `point_epoch`: the epoch of the newest recovery point; an
    earlier one than today's means that this one has none yet. `archived_until`: when WAL of this
    epoch reached the vault last (UTC, ISO 8601): what was committed by about then is safe.
    `unfinished` are names of runs that their command would go on with, the newest first.
    `damaged`: what could not be read on the way, in words; what is told beside it is what the rest
    of the vault says. `advice`: what to do now, the most urgent first. `verified_point`: the newest
    point of this reign that came back whole in a scratch place; `verified_at`: when that was tried;
    `verified_seconds`: how long it took. `not_in`: which vaults lack parts of the newest point, in
    sentences.
    """

    epoch: int | None
    site: str | None
    since: str | None
    destroyed_at: str | None
    newest_point: str | None
    unfinished: tuple[str, ...]
    damaged: tuple[str, ...] = ()
    point_epoch: int | None = None
    archived_until: str | None = None
    advice: tuple[str, ...] = ()
    verified_point: str | None = None
    verified_at: str | None = None
    verified_seconds: float | None = None
    vaults: tuple[Attendance, ...] = ()
    not_in: tuple[str, ...] = ()


def standing(config: Config, vault: Vault, now: datetime | None = None) -> Standing:
    """The standing as the vault shows it now. Blocks. Raises Damaged if it hides who reigns."""
    now = now or datetime.now(UTC)
    current = EpochChain(vault).current()
    vaults = attendance(vault)
    runs = runs_of_epoch(vault)
    unfinished = tuple(str(run.name) for run in runs.open)
    damaged = [fault.facts.happened for fault in runs.faults]
    if current is None:
        begin = tuple(_unfinished(runs.open)) or ("Begin with `liferaft deploy` of the primary.",)
        return Standing(
            *(None, None, None, None, None, unfinished, tuple(damaged)),
            advice=(*_for_vaults(vaults, now), *begin),
            vaults=vaults,
        )
    try:
        points.newest(vault, current.epoch)
    except Damaged as damage:
        damaged.append(damage.facts.happened)
    except NoRecoveryPoint:
        pass
    newest = points.newest_whole(vault, current.epoch)
    gone = None
    try:
        gone = destroyed_at(vault, current.epoch)
    except Damaged as damage:
        damaged.append(damage.facts.happened)
    look = wholeness.look_at_vault(vault, wholeness.wanted_of(vault, current.epoch), QUICK)
    named = (*(one.facts.happened for one in look.damages), *look.anew)
    damaged += [one for one in named if one not in damaged]
    archived = [kind for kind in registry.kinds_of(config) if kind.archives]
    until = _oldest(kind.archived_until(vault, current.epoch) for kind in archived)
    behind = None if until is None else now - until
    if not archived:
        behind = timedelta()  # nothing is archived that could be late
    proven = last_verified(vault, current.epoch)
    damaged += _unproven(vault, newest)
    return Standing(
        current.epoch,
        current.site,
        current.at,
        gone,
        newest.name if newest else None,
        unfinished,
        tuple(damaged),
        point_epoch=newest.epoch if newest else None,
        archived_until=until.isoformat(timespec="seconds") if until else None,
        vaults=vaults,
        advice=(
            *_for_vaults(vaults, now),
            *_unfinished(runs.open),
            *_for_the_epoch(current, newest, behind, destroyed=gone is not None),
        ),
        verified_point=proven.point if proven else None,
        verified_at=proven.proof.at if proven and proven.proof else None,
        verified_seconds=proven.proof.seconds if proven and proven.proof else None,
        not_in=tuple(_lacking(config, newest)),
    )


def _lacking(config: Config, newest: RecoveryPoint | None) -> Iterator[str]:
    """Of the newest point, vault by vault: what it names as not there. A folder is no vault for
    what servers keep, and parts of versions that knew one vault name none."""
    for name, vault in config.vaults.items():
        if newest is None or not vault.url.startswith("s3:"):
            continue
        parts = [one for one in newest.parts if one.vaults and name not in one.vaults]
        if parts:
            named = ", ".join(f"{one.kind} {one.name}" for one in parts)
            whys = (one.facts.get(NOT_IN, {}).get(name) for one in parts)
            why = next((f": {said.rstrip('.')}" for said in whys if said), "")
            yield f"vault {name} lacks {named} of recovery point {newest.name}{why}"


def _unproven(vault: Vault, newest: RecoveryPoint | None) -> Iterator[str]:
    """What the last trial of the newest point has found, in each vault."""
    if newest is None:
        return
    known = verification_of(vault, newest.epoch, newest.name)
    for name, one in known.vaults.items():
        for fault in one.faults:
            yield f"Recovery point {newest.name}, tried from vault {name} at {one.at}: {fault}"


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    """That which is furthest behind; None where one of them is nowhere yet."""
    known = list(moments)
    return min((one for one in known if one), default=None) if all(known) else None


def _for_vaults(vaults: Iterable[Attendance], now: datetime) -> Iterator[str]:
    for one in vaults:
        if not one.answers:
            yield (
                f"Vault {one.vault} does not answer: see whether its account is open. What is "
                "written now it lacks, until it answers and is brought that."
            )
        elif not one.is_complete and one.is_catching_up(now):
            told = one.brought.told if one.brought else ()
            for said in told:
                yield f"Vault {one.vault} is incomplete, and servers cannot mend this: {said}."
            if not told:
                yield (
                    f"Vault {one.vault} is incomplete: servers bring it what it lacks by "
                    "themselves; `liferaft snapshot` does it at once."
                )
        elif not one.is_complete:
            yield f"Vault {one.vault} is incomplete: `liferaft snapshot` brings it what it lacks."


def _unfinished(runs: tuple[RunRecord, ...]) -> Iterator[str]:
    for run in runs:
        command = COMMANDS.get(run.move, f"{run.move} {{site}}").format(site=run.site)
        yield f"Go on with what was not finished: `liferaft {command}`."


def _for_the_epoch(
    current: EpochRecord,
    newest: RecoveryPoint | None,
    behind: timedelta | None,
    *,
    destroyed: bool,
) -> Iterator[str]:
    if destroyed:
        yield "Bring the application back: `liferaft failover` to another site."
        return
    if behind is None or behind > LATE:
        how = "has nothing of this reign" if behind is None else f"is {_words(behind)} behind"
        lost = "" if newest is None else " If it is lost: `liferaft failover`."
        yield (
            f"The archive {how}: see whether {current.site} serves, and its database server's log; "
            "`liferaft status --disk` says how long its disk lasts. "
            f"What is committed there is not safe.{lost}"
        )
    if newest is None:
        yield "Take a recovery point now, `liferaft snapshot`: until then nothing can be restored."
    elif newest.epoch < current.epoch:
        yield (
            f"Take a recovery point of this reign, `liferaft snapshot`: until then a failover "
            f"restores that of epoch {newest.epoch} and replays everything since, which takes "
            "longer."
        )


def _words(behind: timedelta) -> str:
    seconds = int(behind.total_seconds())
    return f"{seconds} s" if seconds < _HOUR else f"{seconds // _HOUR} h"
