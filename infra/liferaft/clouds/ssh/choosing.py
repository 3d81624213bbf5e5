"""Which machine to take, from what all of them say. Pure."""

from collections.abc import Iterable, Mapping

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.ssh.errors import NO_FREE_MACHINE, Said
from liferaft.clouds.ssh.record import MachineHolding, Record

Answers = Mapping[str, Record | CloudFailure]
"""By machine: its record, or why it did not tell."""


def ours(answers: Answers, kind: str, token: str) -> str | None:
    """The machine that this token holds already.

    Two may, if one of them was down when the other was claimed: the newer claim is the one that an
    answer was ever given for, the other is a leftover that `owned_by` shows.
    """
    found = [
        (held.stage != "claiming", held.since, name)
        for name, record in answers.items()
        if isinstance(record, Record) and (held := held_by(record, kind, token)) is not None
    ]
    return max(found)[2] if found else None


def held_by(record: Record, kind: str, token: str) -> MachineHolding | None:
    """The holding of that kind, if it is this token's and not on its way out."""
    held = record.held(kind)
    if held is None or held.token != token or held.stage == "releasing":
        return None
    return held


def free(answers: Answers, wanted: Iterable[str], *, reservation: str | None = None) -> str:
    """The first of `wanted` that nobody holds; with a reservation's token, the first it holds.

    Raises Said (NO_FREE_MACHINE) naming why each was left out; or, if not one machine answers, the
    first one's CloudFailure: that is an outage, not a lack of machines.
    """
    reasons: dict[str, str] = {}
    silent: list[CloudFailure] = []
    for name in wanted:
        answer = answers[name]
        if isinstance(answer, CloudFailure):
            silent.append(answer)
            reasons[name] = answer.classification.code
        elif answer.server is not None:
            reasons[name] = f"held by {answer.server.name}"
        elif answer.address is not None and answer.address.token != reservation:
            reasons[name] = f"reserved by {answer.address.name}"
        else:
            return name
    if silent and len(silent) == len(reasons):
        raise silent[0]
    tried = ", ".join(f"{name} ({reason})" for name, reason in reasons.items())
    raise Said(NO_FREE_MACHINE, f"no machine is free: {tried}", tried=tried)


def outages(answers: Answers) -> list[CloudFailure]:
    """Machines that did not answer; another kind of refusal is no less a reason to stop."""
    failures = [answer for answer in answers.values() if isinstance(answer, CloudFailure)]
    return sorted(failures, key=lambda one: one.classification.verdict is not Verdict.OUTAGE)
