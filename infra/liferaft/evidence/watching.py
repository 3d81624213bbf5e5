"""What a watcher reads: a line as plugins of Nagios print it, and Prometheus' text. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from liferaft.data.exposure import Backlog
from liferaft.evidence.drills_due import DrillDue
from liferaft.evidence.jobs import JobSeen
from liferaft.evidence.loss import Loss
from liferaft.evidence.loss_told import sentence
from liferaft.evidence.watch import Alarm, Limits, Severity, Watched, severity_of, words


def check_line(
    seen: Watched,
    found: tuple[Alarm, ...],
    limits: Limits,
    loss: Loss | None = None,
    drills: Sequence[DrillDue] = (),
    *,
    beside: str = "",
) -> str:
    """One line: the severity, why, what would be lost, what else there is to say, and after a bar
    the ages in seconds for whoever draws them."""
    measured = " ".join((*_measured(seen, limits), *_lost(loss), *_drilled(drills, seen.at)))
    why = "; ".join(one.said for one in found) or _all_well(seen)
    if loss is not None:
        why = f"{why}. {sentence(loss)}"
    if beside:
        why = f"{why.rstrip('.')}. {beside[:1].upper()}{beside[1:]}"
    said = f"LIFERAFT {severity_of(found).name}: {_on_one_line(why)}"
    return f"{said} | {measured}" if measured else said


def _lost(loss: Loss | None) -> Iterator[str]:
    """What is not known has no row."""
    for one in loss.data if loss else ():
        if one.lost is not None and one.lost.seconds is not None:
            yield f"lost_{one.name}={one.lost.seconds:.0f}s;;;0"
        if one.lost is not None and one.lost.objects is not None:
            yield f"lost_objects_{one.name}={one.lost.objects};;;0"
    if loss is not None and loss.back is not None and loss.back.seconds is not None:
        yield f"back={loss.back.seconds:.0f}s;;;0"


def _drilled(drills: Sequence[DrillDue], now: datetime) -> Iterator[str]:
    for one in drills:
        if (age := one.age(now)) is not None:
            limit = (one.overdue - one.good).total_seconds() if one.overdue and one.good else None
            told = "" if limit is None else f"{limit:.0f}"
            sort = "data_drill" if one.data_only else "drill"
            yield f"{sort}_{one.site}={age:.0f}s;{told};;0"


def unknown_line(happened: str) -> str:
    """The line where nothing could be read."""
    return f"LIFERAFT {Severity.UNKNOWN.name}: {_on_one_line(happened)}"


def _all_well(seen: Watched) -> str:
    taken = max(one.point for one in seen.vaults if one.point)
    return f"{seen.standing.site} reigns; the newest point is {words(seen.at - taken)} old"


def _on_one_line(text: str) -> str:
    """Nothing that a plugin's reader would take for another line, or for measures."""
    return " ".join(text.split()).replace("|", "/")


def _measured(seen: Watched, limits: Limits) -> Iterator[str]:
    for one in seen.vaults:
        rows = [("point", one.point, f"{limits.point.total_seconds():.0f}")]
        rows += [
            (f"archive_{data}", at, f"{limits.archive.total_seconds():.0f}")
            for data, at in (one.archived or {}).items()
        ]
        rows.append(("verified", one.verified, ""))
        for what, at, limit in rows:
            if at is not None:
                age = max(0.0, (seen.at - at).total_seconds())
                yield f"{what}_{one.name}={age:.0f}s;;{limit};0".rstrip(";")


def prometheus(
    seen: Watched,
    loss: Loss | None = None,
    drills: Sequence[DrillDue] = (),
    jobs: Sequence[JobSeen] = (),
) -> str:
    """The text format, moments as seconds since 1970: an alert on `time() - …` goes on ageing when
    nobody writes this any more. https://prometheus.io/docs/instrumenting/exposition_formats/"""
    standing, app = seen.standing, seen.app
    families = [
        _family(
            "liferaft_looked_timestamp_seconds",
            "When this was read from the vaults.",
            [({"app": app}, seen.at.timestamp())],
        ),
        _family(
            "liferaft_epoch",
            "The epoch, by the site that reigns in it; 0 before the first deploy.",
            [({"app": app, "site": standing.site or ""}, float(standing.epoch or 0))],
        ),
        _family(
            "liferaft_destroyed",
            "1 where the site that reigns was destroyed.",
            [({"app": app}, float(standing.destroyed_at is not None))],
        ),
        _family(
            "liferaft_unfinished_runs",
            "Runs that their command would go on with.",
            [({"app": app}, float(len(standing.unfinished)))],
        ),
        _family(
            "liferaft_damages",
            "What could not be read of what a failover needs.",
            [({"app": app}, float(len(standing.damaged)))],
        ),
        _family(
            "liferaft_point_lacking_vaults",
            "Vaults that lack something of the newest recovery point.",
            [({"app": app}, float(len(standing.not_in)))],
        ),
        *_of_vaults(seen),
        *(_of_loss(seen.app, loss) if loss else ()),
        *_of_drills(seen, drills),
        *_of_jobs(seen.app, jobs),
    ]
    return "".join(families)


def _of_vaults(seen: Watched) -> Iterator[str]:
    labels = {one.name: {"app": seen.app, "vault": one.name} for one in seen.vaults}
    yield _family(
        "liferaft_vault_answers",
        "1 where the vault answered.",
        [(labels[one.name], float(one.trouble is None)) for one in seen.vaults],
    )
    yield _family(
        "liferaft_point_timestamp_seconds",
        "When the newest recovery point in the vault was taken.",
        _moments((labels[one.name], one.point) for one in seen.vaults),
    )
    yield _family(
        "liferaft_verified_point_timestamp_seconds",
        "When the last recovery point was taken that was verified.",
        _moments((labels[one.name], one.verified) for one in seen.vaults),
    )
    yield _family(
        "liferaft_points_past_policy",
        "Recovery points in the vault that `keep` does not keep.",
        [(labels[one.name], float(one.past)) for one in seen.vaults if one.trouble is None],
    )
    yield _family(
        "liferaft_archived_timestamp_seconds",
        "When something of this epoch reached the vault last.",
        _moments(
            ({**labels[one.name], "data": data}, at)
            for one in seen.vaults
            for data, at in (one.archived or {}).items()
        ),
    )


def _of_loss(app: str, loss: Loss) -> Iterator[str]:
    """Ages and amounts of now, since nobody else counts them on: `liferaft_looked_…` says when."""
    named = [({"app": app, "data": one.name}, one) for one in loss.data]
    lags = [
        ({**labels, "vault": lag.vault}, lag)
        for labels, one in named
        if one.trouble is None
        for lag in one.vaults
    ]
    yield _family(
        "liferaft_exposure_known",
        "1 where the servers said what of it is in no vault yet.",
        [(labels, float(one.trouble is None)) for labels, one in named],
    )
    for what, meaning in _AMOUNTS.items():
        lost = [(labels, _amount(one.lost, what)) for labels, one in named]
        behind = [(labels, _amount(lag, what)) for labels, lag in lags]
        yield _family(f"liferaft_lost_{what}", f"{meaning} that no vault has yet.", _rows(lost))
        yield _family(f"liferaft_behind_{what}", f"{meaning} that a vault lacks.", _rows(behind))
    back = loss.back
    yield _family(
        "liferaft_back_seconds",
        "How long a failover would take, by what was measured.",
        _rows([({"app": app}, back.seconds if back else None)]),
    )
    yield _family(
        "liferaft_back_error_seconds",
        "By how much that may be wrong.",
        _rows([({"app": app}, back.error if back else None)]),
    )


def _of_drills(seen: Watched, drills: Sequence[DrillDue]) -> Iterator[str]:
    tried = {True: "data", False: "application"}
    named = [
        ({"app": seen.app, "site": one.site, "tried": tried[one.data_only]}, one) for one in drills
    ]
    yield _family(
        "liferaft_drill_timestamp_seconds",
        "When the newest drill of the site began that came back.",
        _moments((labels, one.good) for labels, one in named),
    )
    yield _family(
        "liferaft_drill_overdue_timestamp_seconds",
        "From when on the next drill of the site is overdue.",
        _moments((labels, one.overdue) for labels, one in named),
    )
    yield _family(
        "liferaft_drill_overdue",
        "1 where a drill of the site is overdue.",
        [(labels, float(one.is_overdue(seen.at))) for labels, one in named if one.overdue],
    )


def _of_jobs(app: str, jobs: Sequence[JobSeen]) -> Iterator[str]:
    named = [({"app": app, "job": one.name}, one) for one in jobs]
    yield _family(
        "liferaft_job_ended_timestamp_seconds",
        "When a job of a schedule ended last, however that was.",
        _moments((labels, one.ended) for labels, one in named),
    )
    yield _family(
        "liferaft_job_well",
        "1 where it went well last, and was not missed.",
        [(labels, float(one.ailment is None)) for labels, one in named],
    )


_AMOUNTS = {
    "seconds": "Age of the oldest",
    "bytes": "Bytes of WAL, or of objects,",
    "objects": "Objects of a bucket",
}


def _amount(lag: Backlog | None, what: str) -> float | None:
    if lag is None:
        return None
    return {"seconds": lag.seconds, "bytes": lag.size, "objects": lag.objects}[what]


Row = tuple[Mapping[str, str], float]


def _rows(rows: Iterable[tuple[Mapping[str, str], float | None]]) -> list[Row]:
    """What is not known has no row."""
    return [(labels, float(value)) for labels, value in rows if value is not None]


def _moments(rows: Iterator[tuple[Mapping[str, str], datetime | None]]) -> list[Row]:
    """What is not there has no row: an alert on its absence is told so."""
    return [(labels, at.timestamp()) for labels, at in rows if at is not None]


def _family(name: str, meaning: str, rows: list[Row]) -> str:
    lines = [f"# HELP {name} {meaning}\n", f"# TYPE {name} gauge\n"]
    for labels, value in rows:
        named = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        lines.append(f"{name}{{{named}}} {value:.15g}\n")
    return "".join(lines)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
