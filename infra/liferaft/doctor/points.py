"""What a failover would begin from: who reigns, recovery points, what came of trying them, the
archive, and how long it would take."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from liferaft.data.wholeness import QUICK
from liferaft.doctor.check import Answers, Check, CheckSeverity, Diagnosis
from liferaft.doctor.patient import Patient
from liferaft.evidence.watch import Watched, words
from liferaft.moves.measured import time_back
from liferaft.moves.time_back import sentences
from liferaft.moves.wholeness import look_at_vault, wanted_of
from liferaft.recovery.point import RecoveryPoint, newest_whole
from liferaft.recovery.proved import tried_points
from liferaft.recovery.verified import verification_of

_SECONDS: Final = 45.0
"""All vaults are looked through, and one may be slow."""
BY_HAND: Final = timedelta(hours=26)
"""A point a day and time to take it, where no server takes them by itself."""
TRIED_BY_HAND: Final = timedelta(days=8)
"""A trial a week, where no server tries by itself."""
ARCHIVE: Final = timedelta(minutes=5)
_TRIALS: Final = 10
"""Of that many the newest are looked at, a record each."""
_OK, _WARNING, _CRITICAL = CheckSeverity.OK, CheckSeverity.WARNING, CheckSeverity.CRITICAL


def of_points(patient: Patient) -> Iterator[Check]:
    """Before a first deploy there is nothing to ask but who reigns."""

    yield Check(
        "epoch",
        "all vaults",
        "Do the vaults say who reigns, and does it serve?",
        "A failover takes the next epoch; without the last one nobody knows which that is.",
        partial(_epoch, patient),
        _SECONDS,
        silence=_CRITICAL,
    )
    if patient.current is None:
        return
    yield Check(
        "point-age",
        "recovery points",
        "Is the newest recovery point as young as it should be, in every vault?",
        "A failover restores it and replays everything since: an old one takes longer.",
        partial(_age, patient),
        _SECONDS,
    )
    yield Check(
        "point-whole",
        "recovery points",
        "Is what a failover would read of the newest recovery point there, and whole?",
        "What is damaged or lacking is met by a failover at the worst moment.",
        partial(_whole, patient),
        _SECONDS,
    )
    yield Check(
        "point-verified",
        "recovery points",
        "When did a recovery point come back whole on trial, last?",
        "A backup that was never restored is not known to be one.",
        partial(_verified, patient),
        _SECONDS,
    )
    yield Check(
        "archive",
        "the archive",
        "How far behind is what is archived without a pause, in every vault?",
        "What is in no vault is lost with the site.",
        partial(_archive, patient),
        _SECONDS,
    )
    yield Check(
        "time-back",
        "a failover",
        "How long would it take until users are served again?",
        "It is reckoned from what was measured, and not promised.",
        partial(_time_back, patient),
        _SECONDS,
    )


def _epoch(patient: Patient) -> Answers:
    if patient.trouble is not None:
        facts = patient.trouble.facts
        return (Diagnosis(_CRITICAL, f"No: {facts.happened.rstrip('.')}.", facts.do),)
    if patient.current is None:
        begin = f"Begin with `liferaft deploy {patient.home}`."
        return (Diagnosis(CheckSeverity.NOTE, "The application was never deployed.", begin),)
    found, name = patient.watched.standing, patient.current.site
    told = []
    if found.destroyed_at:
        finding = f"NOTHING SERVES: {name} was destroyed at {found.destroyed_at}."
        told.append(Diagnosis(_CRITICAL, finding, "`liferaft failover` to another site."))
    if patient.home is None:
        finding = f"{name} reigns, and liferaft.toml has no such site any more."
        told.append(Diagnosis(_WARNING, finding, "Put its table back, or move the application."))
    told += [
        Diagnosis(_WARNING, f"Run {run} is unfinished.", "`liferaft status` says what goes on.")
        for run in found.unfinished
    ]
    since = f"Epoch {patient.current.epoch}: {name} reigns since {patient.current.at}."
    return told or (Diagnosis(_OK, since),)


def _age(patient: Patient) -> Answers:
    """By the policy: a point is due after `every`, and late after twice that."""
    every, watched = patient.config.snapshots.every, patient.watched
    limit = BY_HAND if every is None else 2 * every
    newest = watched.standing
    now = "Take one: `liferaft snapshot`."
    if newest.newest_point is None:
        finding = "There is none: nothing could be restored."
        return (Diagnosis(_CRITICAL, finding, now),)
    if newest.point_epoch != newest.epoch:
        finding = f"This reign has none; the newest is {newest.newest_point}, of an earlier one."
        return (Diagnosis(_WARNING, finding, now),)
    moments = {one.name: one.point for one in watched.vaults if one.trouble is None}
    late = tuple(_late("the newest recovery point", moments, limit, watched, mend=now))
    if every is None and not late:
        said = "it was taken by hand: no server takes points by itself"
        finding = f"{newest.newest_point} is young enough, and {said}."
        wants = "Set `every` in [snapshots], then `liferaft snapshot schedule`."
        return (Diagnosis(CheckSeverity.NOTE, finding, wants),)
    finding = f"{newest.newest_point} is no older than {words(limit)}, as the policy asks."
    return late or (Diagnosis(_OK, finding),)


def _late(
    what: str,
    moments: Mapping[str, datetime | None],
    limit: timedelta,
    watched: Watched,
    *,
    mend: str,
    all_late: CheckSeverity = _WARNING,
) -> Iterator[Diagnosis]:
    """A line for each vault in which it is older than the limit. all_late: how bad it is where that
    is so in every vault."""
    late = {name: at for name, at in moments.items() if at is None or watched.at - at > limit}
    severity = all_late if len(late) == len(moments) else _WARNING
    for name, at in late.items():
        how = "is not there" if at is None else f"is {words(watched.at - at)} old"
        yield Diagnosis(
            severity, f"In vault {name} {what} {how}; {words(limit)} at most is asked.", mend
        )


def _whole(patient: Patient) -> Answers:
    """Listings and small objects, as a failover reads them before it begins; and what the last
    trial of the newest point has found."""
    found, vault = patient.watched.standing, patient.vault
    assert found.epoch is not None  # it is asked of a reign alone
    wanted = wanted_of(vault, found.epoch)
    look = look_at_vault(vault, wanted, QUICK)
    helps = "`liferaft plan failover` says what helps."
    told = [
        Diagnosis(_CRITICAL, f"{one.facts.happened.rstrip('.')}.", one.facts.do or helps)
        for one in look.damages
    ]
    told += [
        Diagnosis(_WARNING, f"{one.rstrip('.')}.", "`liferaft snapshot`.") for one in look.anew
    ]
    told += _tried_in_vain(patient, wanted.point)
    told += [
        Diagnosis(_WARNING, f"{one[:1].upper()}{one[1:].rstrip('.')}.", "`liferaft snapshot`.")
        for one in found.not_in
    ]
    return told or (Diagnosis(_OK, "What a look without keys can tell of it is whole."),)


def _tried_in_vain(patient: Patient, point: RecoveryPoint | None) -> Iterator[Diagnosis]:
    if point is None:
        return
    known = verification_of(patient.vault, point.epoch, point.name)
    for name, one in known.vaults.items():
        for fault in one.faults:
            finding = f"{point.name}, tried from vault {name} at {one.at}: {fault.rstrip('.')}."
            severity = _WARNING if known.is_verified else _CRITICAL
            yield Diagnosis(severity, finding, "Take another one: `liferaft snapshot`.")


def _verified(patient: Patient) -> Answers:
    every, found = patient.config.snapshots.verify_every, patient.watched.standing
    limit = TRIED_BY_HAND if every is None else 2 * every
    now = "Try one: `liferaft snapshot verify`."
    if found.verified_point is None or found.verified_at is None:
        return (Diagnosis(_WARNING, "None of this reign was ever restored on trial.", now),)
    age = patient.now - datetime.fromisoformat(found.verified_at)
    took = f"back in {found.verified_seconds or 0:.0f} s"
    said = f"{found.verified_point} came back whole {words(age)} ago, {took}"
    newest = Diagnosis(_OK, f"{said}.")
    if age > limit:
        newest = Diagnosis(_WARNING, f"{said}; {words(limit)} at most is asked.", now)
    return (newest, *_never_tried(patient, found.epoch or 0))


def _never_tried(patient: Patient, epoch: int) -> Iterator[Diagnosis]:
    """Of several vaults those that proved nothing lately: on the day when the other one is gone all
    hangs on them."""
    waiting = set(patient.config.vaults) if len(patient.config.vaults) > 1 else set()
    for name in tried_points(patient.vault, epoch)[: -_TRIALS - 1 : -1]:
        if len(waiting) == 0:
            return
        trials = verification_of(patient.vault, epoch, name).vaults
        waiting -= {vault for vault, one in trials.items() if not one.faults}
    for vault in sorted(waiting):
        finding = f"From vault {vault} none of the last {_TRIALS} trials of this reign came back."
        do = f"Try one from there: `liferaft snapshot verify --from {vault}`."
        yield Diagnosis(CheckSeverity.NOTE, finding, do)


def _archive(patient: Patient) -> Answers:
    watched = patient.watched
    answering = [one for one in watched.vaults if one.trouble is None]
    names = dict.fromkeys(name for one in answering for name in one.archived or {})
    do = "See whether the site serves, and its database server's log: `liferaft status --disk`."
    told = [
        late
        for name in names
        for late in _late(
            f"the archive of {name}",
            {one.name: (one.archived or {}).get(name) for one in answering},
            ARCHIVE,
            watched,
            mend=do,
            all_late=_CRITICAL,
        )
    ]
    if not names:
        return (Diagnosis(CheckSeverity.NOTE, "Nothing is archived without a pause."),)
    return told or (Diagnosis(_OK, f"Less than {words(ARCHIVE)}, in every vault that answers."),)


def _time_back(patient: Patient) -> Answers:
    assert patient.current is not None  # it is asked of a reign alone
    epoch = patient.current.epoch
    point = newest_whole(patient.vault, epoch)
    if point is None:
        finding = "There is no recovery point to be back from."
        return (Diagnosis(_CRITICAL, finding, "Take one: `liferaft snapshot`."),)
    back = time_back(patient.config, patient.vault, epoch, point)
    severity = CheckSeverity.NOTE if back.seconds is None else _OK
    mend = "`liferaft snapshot verify` measures a restore." if back.seconds is None else ""
    return (Diagnosis(severity, next(sentences(back)), mend),)
