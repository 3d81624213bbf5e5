"""The verdict on a run: one sentence to be read first, what is safe, what is to be done. Pure."""

from collections.abc import Iterator

from liferaft.evidence.document import Lost, Objective, ToldVerdict
from liferaft.evidence.objectives import DRILL, RECOVERIES
from liferaft.evidence.sessions import is_of_data, planned, said_first, site_of, without
from liferaft.evidence.words import counted, duration
from liferaft.journal import Event, RunRecord

CLEAN = "`liferaft drill --clean` deletes what it may have left. Then run the drill again."
AGAIN = "Type the same command again: it goes on where this run was."


def verdict(
    run: RunRecord,
    seconds: float,
    rto: Objective | None,
    rpo: Objective | None,
    lost: tuple[Lost, ...],
) -> ToldVerdict:
    """seconds: to the end of the last step."""
    failed = _failed(run)
    if run.is_finished:
        sentence = " ".join(_finished(run, seconds, rto, rpo, lost))
        return ToldVerdict(state="finished", sentence=sentence)
    if failed is not None:
        happened = str(failed.facts.get("happened", "")).rstrip(".")
        return ToldVerdict(
            state="failed",
            sentence=f"{_failure_of(run)} after {duration(seconds)}, in step "
            f"{failed.facts.get('step')}: {happened}.",
            safe=str(failed.facts.get("safe", "")),
            do=str(failed.facts.get("do", "")) or _again(run),
        )
    return ToldVerdict(state="unfinished", sentence=_unfinished(run), do=_again(run))


def _failure_of(run: RunRecord) -> str:
    if run.move == DRILL:
        app = said_first(run, "app") or "the application"
        if is_of_data(run):
            where = f"{site_of(run)}{_without(run)}"
            return f"The data of {app} would not have come back at {where}: the drill failed"
        return (
            f"A failover of {app} to {site_of(run)}{_without(run)} would not have worked: the "
            "drill failed"
        )
    return f"{_what(run)} failed"


def _without(run: RunRecord) -> str:
    """With its blank before."""
    gone = without(run)
    return f" without {' and '.join(gone)}" if gone else ""


def _again(run: RunRecord) -> str:
    return CLEAN if run.move == DRILL else AGAIN


def _failed(run: RunRecord) -> Event | None:
    """The first failure of the last session: it is what stopped the run."""
    if not run.events:
        return None
    session = run.events[-1].session
    own = [event for event in run.events if event.session == session]
    return next((event for event in own if event.kind == "step-failed"), None)


def _finished(
    run: RunRecord,
    seconds: float,
    rto: Objective | None,
    rpo: Objective | None,
    lost: tuple[Lost, ...],
) -> Iterator[str]:
    if run.move not in RECOVERIES:
        yield f"{_goal(run)}, after {duration(seconds)}."
        return
    cost = ", ".join(_cost(rto, rpo))
    yield f"{_goal(run)}{f': {cost}' if cost else ''}."
    named = sum(one.count or 0 for one in lost)
    if named:
        yield f"{counted(named, 'object')} did not come back; their names are below."


def _cost(rto: Objective | None, rpo: Objective | None) -> Iterator[str]:
    if rto and rto.seconds is not None:
        yield f"back after {duration(rto.seconds)}{_judged(rto)}"
    if rpo and rpo.seconds is not None:
        yield f"the last {duration(rpo.seconds)} of data are missing{_judged(rpo)}"


def _judged(objective: Objective) -> str:
    if objective.met is None or objective.target is None:
        return ""
    target = f"target {duration(objective.target)}"
    return f" ({target})" if objective.met else f" ({target}: MISSED)"


def _goal(run: RunRecord) -> str:
    """What is true now."""
    app = said_first(run, "app") or "The application"
    from_site, point = run.inputs.get("from_site"), run.inputs.get("point")
    match run.move:
        case "drill":
            what = f"The data of {app}" if is_of_data(run) else app
            back = f"{what} would have come back at {site_of(run)}{_without(run)}"
            return f"{back} from recovery point {point}"
        case "failover" | "evacuate" | "failback":
            return f"{app} runs at {run.site}, moved from {from_site}"
        case "snapshot":
            return f"Recovery point {point} of {app} at {run.site} is in the vaults"
        case "deploy" if run.inputs.get("reigns"):
            return f"{app} at {run.site} is as it is described"
        case "deploy":
            return f"{run.site} is made ready to stand by for {app}"
        case _:
            return f"{_what(run)} reached its goal"


def _what(run: RunRecord) -> str:
    return f"The {run.move} of {site_of(run)}"


def _unfinished(run: RunRecord) -> str:
    through = [one.name for one in run.steps.values() if one.state in {"done", "held"}]
    number = f"{len(through)} of {len(planned(run))}" if planned(run) else len(through)
    return (
        f"{_what(run)} is not finished: it was interrupted, its command died, or it is under way. "
        f"Steps that are through: {number}."
    )
