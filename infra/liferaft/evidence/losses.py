"""What a run's journal names as lost, as denied, as costing something, and as worth telling. Pure.

Facts are read as they are: other versions and other moves note them in other shapes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from liferaft.evidence.document import Lost, ToldDenial, ToldSpending
from liferaft.evidence.objectives import DRILL, RECOVERIES, recovered_until
from liferaft.evidence.sessions import abouts, facts_of
from liferaft.evidence.words import day_and_time, duration
from liferaft.journal import RunRecord
from liferaft.plan.telling import TOLD


def lost(run: RunRecord) -> tuple[Lost, ...]:
    """Everything that did not come back, as far as it was noted."""
    return (*_by_time(run), *_by_data(run), *_given_up(run), *_by_name(run))


def _by_time(run: RunRecord) -> Iterator[Lost]:
    at, until = run.inputs.get("at"), recovered_until(run)
    if run.move not in RECOVERIES:
        return
    if at is not None:
        yield Lost(
            of="replay", sentence=f"What was written at {at} UTC or later: dropped, as asked."
        )
    elif until is not None and run.move == DRILL:
        yield Lost(
            of="promote",
            sentence="A failover would have lost what was committed after "
            f"{day_and_time(until)}: it was in no vault yet.",
        )
    elif until is not None:
        yield Lost(
            of="promote",
            sentence=f"What was committed at the old site after {day_and_time(until)}: it did not "
            "reach a vault that was read.",
        )


def _by_data(run: RunRecord) -> Iterator[Lost]:
    """Of data that is kept again and again: as of when it was brought back."""
    names = dict(facts_of(run, "kept_of"))
    for step, until in dict(facts_of(run, "kept_until")).items():
        if isinstance(until, int | float):
            said = f"What was written to {names.get(step, step)} after {day_and_time(until)}"
            before = run.began.timestamp() - until
            age = f", {duration(before)} before the run began" if before > 0 else ""
            would = "a failover would have lost it" if run.move == DRILL else "it is not back"
            yield Lost(of=step, sentence=f"{said}{age}: {would}.")


def _given_up(run: RunRecord) -> Iterator[Lost]:
    for step, segment in dict(facts_of(run, "lost_from")).items():
        said = f"What was written from {segment} on: given up, as `--lose-from` asked for."
        yield Lost(of=step, sentence=said)


def _by_name(run: RunRecord) -> Iterator[Lost]:
    names = dict(facts_of(run, "missing"))
    for step, count in dict(facts_of(run, "missing_count")).items():
        if isinstance(count, int) and count:
            known = names.get(step, ())
            said = (
                f"{count} object{'' if count == 1 else 's'} that rows of the database name: no "
                "vault that answered has them."
            )
            yield Lost(of=step, sentence=said, count=count, names=tuple(map(str, known)))


def told(run: RunRecord) -> tuple[str, ...]:
    """Sentences of steps that did not fail and had to say something, each once."""
    said = [one for _, found in facts_of(run, TOLD) for one in _listed(found)]
    return tuple(dict.fromkeys(map(str, said)))


def denied(run: RunRecord) -> tuple[ToldDenial, ...]:
    """Each dependency once, with how often it was asked for."""
    found: dict[tuple[str, str], ToldDenial] = {}
    for _, rows in facts_of(run, "denied"):
        for one in map(_dependency, _listed(rows)):
            before = found.get((one.name, one.by))
            count = one.count + (before.count if before else 0)
            found[one.name, one.by] = one.model_copy(update={"count": count})
    return tuple(found.values())


def _dependency(row: Any) -> ToldDenial:
    if not isinstance(row, Mapping):
        return ToldDenial(name=str(row))
    name = next((row[one] for one in ("asked", "name", "host", "address") if row.get(one)), "?")
    by = next((row[one] for one in ("by", "who", "process") if row.get(one)), "")
    port, names, count = row.get("port"), row.get("names"), row.get("count", 1)
    return ToldDenial(
        name=f"{name}{f' port {port}' if port else ''}{_aliases(names)}",
        by=str(by),
        count=count if isinstance(count, int) else 1,
        known=str(row.get("known") or ""),
    )


def _aliases(names: Any) -> str:
    return f" ({', '.join(map(str, names))})" if isinstance(names, list) and names else ""


def costs(run: RunRecord) -> tuple[str, ...]:
    """Sentences; empty where nothing is known."""
    noted = [about["costs"] for about in abouts(run) if "costs" in about]
    noted += [found for _, found in facts_of(run, "costs")]
    said = [_cost(one) for found in noted for one in _listed(found)]
    return tuple(dict.fromkeys(filter(None, said)))


def spent(run: RunRecord) -> ToldSpending | None:
    """What a drill has reckoned at its end; None where it did not come to that."""
    for _, found in facts_of(run, "costs"):
        if isinstance(found, Mapping) and isinstance(found.get("server_seconds"), int | float):
            amount = found.get("amount")
            return ToldSpending(
                amount=float(amount) if isinstance(amount, int | float) else None,
                currency=str(found.get("currency") or ""),
                server_seconds=float(found["server_seconds"]),
            )
    return None


def _cost(found: Any) -> str:
    if not isinstance(found, Mapping):
        return str(found)
    if found.get("sentence"):
        return str(found["sentence"])
    if "amount" in found:
        what = found.get("what", "This run")
        return f"{what}: {found['amount']} {found.get('currency', '')}".rstrip() + "."
    return ""


def _listed(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | tuple) else [found]
