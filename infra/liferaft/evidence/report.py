"""The report of a run: a projection of its journal, nothing more."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from liferaft.evidence import losses, sessions
from liferaft.evidence.document import Document, Earlier, ToldJournal, ToldStep
from liferaft.evidence.objectives import data_lost, recovered_until, recovery_time
from liferaft.evidence.users_view import users_view
from liferaft.evidence.verdict import verdict
from liferaft.failures import BadInput
from liferaft.journal import Event, RunName, RunRecord, StepRecord, list_runs, read_run
from liferaft.plan.path import critical_path
from liferaft.vault import KeyMissing, Vault, layout


def report_of(vault: Vault, run: str | None = None) -> Document:
    """The report of a run, or of the newest that a command was given for: a snapshot that follows
    a move by itself does not hide the move. Blocks. Raises BadInput when there is none."""
    return projected(read_run(vault, run_meant(vault, run)))


def run_meant(vault: Vault, run: str | None = None) -> RunName:
    """The one of that name, or the newest that a command was given for. Blocks. Raises BadInput
    when there is none."""
    names = all_runs(vault)
    for name in names:
        if str(name) == run or (run is None and not _follows(vault, name)):
            return name
    raise BadInput(
        f"The vault holds no run {run}" if run is not None else "The vault holds no run yet",
        safe="Nothing was changed: a report only reads.",
        do=f"Without a name it is of the newest move; the newest run is {names[0]}."
        if names
        else "The first run is that of `liferaft deploy`.",
    )


def _follows(vault: Vault, name: RunName) -> bool:
    """Whether it came after another one by itself."""
    try:
        inputs = Event.from_json(vault.get(name.key(1))).facts.get("inputs")
    except KeyMissing:  # whoever asks for it is told
        return False
    return isinstance(inputs, dict) and inputs.get("follows") is not None


def all_runs(vault: Vault) -> tuple[RunName, ...]:
    """Of moves and of drills, the newest first. Blocks."""
    found = (*list_runs(vault), *list_runs(vault, layout.DRILL_RUNS))
    return tuple(sorted(found, key=lambda name: (name.run, name.epoch), reverse=True))


def projected(run: RunRecord, earlier: Sequence[Earlier] = ()) -> Document:
    """The report that a journal holds, beside those of earlier runs. Pure."""
    length, path = _path(run)
    seconds, rto, rpo, lost = _seconds(run), recovery_time(run), data_lost(run), losses.lost(run)
    return Document(
        app=str(sessions.said_first(run, "app") or ""),
        domain=str(sessions.said_first(run, "domain") or ""),
        run=str(run.name),
        move=run.move,
        site=sessions.site_of(run),
        from_site=run.inputs.get("from_site"),
        epoch=run.inputs.get("epoch"),
        point=run.inputs.get("point"),
        follows=run.inputs.get("follows"),
        began=run.events[0].at,
        ended=run.events[-1].at,
        finished=run.is_finished,
        verdict=verdict(run, seconds, rto, rpo, lost),
        seconds=seconds,
        critical_path_seconds=round(length, 3),
        critical_path=path,
        recovered_until=recovered_until(run),
        rto=rto,
        rpo=rpo,
        users=users_view(run),
        lost=lost,
        told=losses.told(run),
        denied=losses.denied(run),
        data_only=sessions.is_of_data(run),
        without=sessions.without(run),
        seed=run.inputs.get("seed"),
        costs=losses.costs(run),
        spent=losses.spent(run),
        sessions=len(sessions.abouts(run)),
        operators=sessions.operators(run),
        versions=sessions.versions(run),
        steps=tuple(_step(run, step, path) for step in run.steps.values()),
        untried=tuple(name for name in sessions.planned(run) if name not in run.steps),
        earlier=tuple(earlier),
        journal=ToldJournal(
            events=run.highest or len(run.events),
            sha256=digest_of(run.events),
            faults=tuple(fault.facts.happened for fault in run.faults),
        ),
    )


def digest_of(events: Sequence[Event]) -> str:
    """SHA-256 over a journal, in hexadecimal: a report says by it what it was rendered from."""
    return hashlib.sha256(b"\n".join(event.to_json() for event in events)).hexdigest()


def _step(run: RunRecord, step: StepRecord, path: Sequence[str]) -> ToldStep:
    planned = sessions.planned(run).get(step.name, {})
    start = round((step.began - run.began).total_seconds(), 3)
    return ToldStep(
        name=step.name,
        sentence=str(planned.get("sentence", "")),
        state=step.state,
        start=start,
        end=None if step.seconds is None else round(start + step.seconds, 3),
        critical=step.name in path,
        final=planned.get("final") is True,
        facts=step.facts,
    )


@dataclass(frozen=True)
class _Node:
    name: str
    needs: tuple[str, ...]


def _path(run: RunRecord) -> tuple[float, tuple[str, ...]]:
    """The chain that took longest, of the steps that were begun. Whatever one needs was begun
    before; of a journal that is not whole, that may be gone."""
    needs = {
        event.facts["step"]: tuple(event.facts["needs"])
        for event in run.events
        if event.kind == "step-started"
    }
    seconds = {name: step.seconds or 0.0 for name, step in run.steps.items()}
    nodes = [
        _Node(name, tuple(need for need in wanted if need in needs))
        for name, wanted in needs.items()
    ]
    length, path = critical_path(nodes, seconds)
    return length, tuple(name for name in path if seconds[name])


def _seconds(run: RunRecord) -> float:
    ends = [step.ended for step in run.steps.values() if step.ended]
    return round((max(ends) - run.began).total_seconds(), 3) if ends else 0.0
