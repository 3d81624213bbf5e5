"""The users' account of a move: pure functions from their records to what it cost them.

All moments are Unix seconds of one machine's clock, as in the records.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .records import Answer, Kind


@dataclass(frozen=True)
class Acknowledged:
    """One thing the application promised to keep. A post with a picture is two."""

    path: str
    sha256: str
    user: str
    kind: Kind
    at: float
    """When the user had the answer."""


@dataclass(frozen=True)
class ResolverTail:
    """When one resolver's users were led to the new address."""

    resolver: str
    last_old: float | None
    """End of the last request that was given an old address."""
    first_new: float | None
    """Start of the first request that was given a new one."""


@dataclass(frozen=True)
class Account:
    """What the users saw. A moment is None if it never came; so is what is reckoned from it."""

    terminated_at: float
    command_at: float
    requests: int
    good: int
    holding: int
    failed: int
    last_good_answer: float | None
    """End of the last good answer from an address of before the termination."""
    first_holding_page: float | None
    first_good_read: float | None
    """From an address that was not in use before the termination; writes likewise."""
    first_good_write: float | None
    rto_seconds: float | None
    """From the last good answer to the first good write."""
    holding_page_seconds: float | None
    """From the command to the first holding page."""
    command_to_first_good_write: float | None
    uploads_under_way: int
    """Begun before the termination, not answered by then."""
    resolvers: tuple[ResolverTail, ...]
    acknowledged: tuple[Acknowledged, ...]
    """In the order in which the users had the answers, of before and after the move."""


def account_of(answers: Iterable[Answer], *, terminated_at: float, command_at: float) -> Account:
    """What `answers` tell about a termination at one moment and a command at a later one.

    Which address is the old site's and which the new one's is not told to users, so it is not
    told here: old are those that gave a good answer before the termination.
    """
    told = sorted(answers, key=lambda answer: answer.end)
    old = {answer.address for answer in told if answer.is_good and answer.start < terminated_at}
    before = [answer for answer in told if answer.is_good and answer.address in old]
    after = [answer for answer in told if answer.end > terminated_at and answer.address not in old]
    last_good = before[-1].end if before else None
    holding = _first(a for a in after if a.holding and a.end >= command_at)
    read = _first(a for a in after if a.is_good and a.kind is Kind.READ)
    write = _first(a for a in after if a.is_good and a.is_write)
    return Account(
        terminated_at=terminated_at,
        command_at=command_at,
        requests=len(told),
        good=sum(answer.is_good for answer in told),
        holding=sum(answer.holding for answer in told),
        failed=sum(not answer.is_good and not answer.holding for answer in told),
        last_good_answer=last_good,
        first_holding_page=holding,
        first_good_read=read,
        first_good_write=write,
        rto_seconds=_between(last_good, write),
        holding_page_seconds=_between(command_at, holding),
        command_to_first_good_write=_between(command_at, write),
        uploads_under_way=sum(
            answer.kind is Kind.UPLOAD and answer.start < terminated_at < answer.end
            for answer in told
        ),
        resolvers=_tails(told, old, terminated_at),
        acknowledged=acknowledged_in(told),
    )


def acknowledged_in(answers: Iterable[Answer]) -> tuple[Acknowledged, ...]:
    """Everything that was promised, the earliest promise first."""
    return tuple(
        Acknowledged(written.path, written.sha256, answer.user, answer.kind, answer.end)
        for answer in sorted(answers, key=lambda answer: answer.end)
        for written in answer.written
    )


def _tails(
    told: Sequence[Answer], old: set[str | None], terminated_at: float
) -> tuple[ResolverTail, ...]:
    tails = []
    for resolver in sorted({answer.resolver for answer in told}):
        led = [a for a in told if a.resolver == resolver and a.address is not None]
        to_old = [answer.end for answer in led if answer.address in old]
        to_new = [a.start for a in led if a.address not in old and a.end > terminated_at]
        tails.append(ResolverTail(resolver, max(to_old, default=None), min(to_new, default=None)))
    return tuple(tails)


def _first(answers: Iterable[Answer]) -> float | None:
    return next((answer.end for answer in answers), None)


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start
