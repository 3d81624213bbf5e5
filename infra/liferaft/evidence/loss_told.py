"""What would be lost, said to a person: one sentence, and what is known of each vault. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from liferaft.data.exposure import Backlog
from liferaft.evidence.loss import DataLoss, Loss
from liferaft.evidence.watch import words
from liferaft.moves.time_back import TimeBack

_MEGA = 1e6


def sentence(loss: Loss) -> str:
    """The one to read."""
    lost = ", ".join(_lost(one) for one in loss.data) or "what is newer than the last point"
    return f"If {loss.provider} ends us now: we lose {lost}, and {_back(loss.back)}."


def _lost(one: DataLoss) -> str:
    if one.lost is None or one.lost.seconds is None:
        return f"AN UNKNOWN PART of {one.name}"
    age = words(timedelta(seconds=one.lost.seconds))
    if one.is_bound:
        return f"up to about {age} of {one.name} (as the vaults show it, its server does not say)"
    known = ", ".join(_known(one.lost))
    return f"about {age}{f' ({known})' if known else ''} of {one.name}"


def _known(lost: Backlog) -> Iterator[str]:
    """How much of it was seen. Of a bucket that is what was listed, or named by a row: what came
    within those seconds may be more."""
    if lost.objects is not None:
        yield f"{lost.objects} object{'' if lost.objects == 1 else 's'} known"
    if lost.size is not None:
        yield _megabytes(lost.size)


def _back(back: TimeBack | None) -> str:
    if back is None:
        return "there is no recovery point to be back from"
    if back.seconds is None:
        lacking = ", ".join(back.lacking)
        return f"how long it takes to be back was not measured yet ({lacking})"
    return f"it takes about {back.seconds:.0f} ± {back.error:.0f} s to be back"


def of_vault(loss: Loss, vault: str) -> Iterator[str]:
    """What one vault does not have, data set by data set; nothing where the servers did not say."""
    for one in loss.data:
        if one.trouble is None:
            for lag in one.vaults:
                if lag.vault == vault:
                    yield f"{one.name} {_lag(lag)}"


def _lag(lag: Backlog) -> str:
    why = f" ({lag.why})" if lag.why else ""
    if lag.seconds is None:
        return f"NOT KNOWN{why}"
    pieces = [f"{words(timedelta(seconds=lag.seconds))} behind"]
    if lag.objects is not None:
        pieces.append(f"{lag.objects} objects")
    if lag.size is not None:
        pieces.append(_megabytes(lag.size))
    return ", ".join(pieces) + why


def troubles(loss: Loss) -> Iterator[str]:
    """Why something is not known."""
    by_reason: dict[str, list[str]] = {}
    for one in loss.data:
        if one.trouble is not None:
            by_reason.setdefault(one.trouble, []).append(one.name)
    for reason, names in by_reason.items():
        yield f"What the servers have of {' and '.join(names)} and no vault has: {reason}."


def _megabytes(size: int) -> str:
    return f"{size / _MEGA:.1f} MB"
