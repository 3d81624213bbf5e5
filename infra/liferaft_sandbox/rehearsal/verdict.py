"""What a rehearsal came to: the figures, and whether each promise was kept. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liferaft_sandbox.users.account import Account

HOLDING_LIMIT = 30.0
"""Seconds from the command to the first holding page."""
WRITE_LIMIT = 60.0
"""Seconds from the command to the first good write."""
HOLDING_ROUND_TRIPS = 150
WRITE_ROUND_TRIPS = 200
"""What the two may take longer where places are apart: so many round trips, one after the other, to
clouds, servers and the vault. Whoever adds questions to a failover hears of it here."""

UNDER_WAY = 2.0
"""Seconds after a fall in which a busy user may note an answer that the site had given before it:
far less than any other site needs to take a write."""
LAG_LIMIT = 30.0
"""Seconds that may be missing from the archive when a site falls: 13 until a segment ends, and its
push (docs/configuration.md)."""


@dataclass(frozen=True)
class Fallen:
    """A site that fell earlier in the story. Unix seconds."""

    recovered_until: float | None
    terminated_at: float


@dataclass(frozen=True)
class Observed:
    """All that was seen from outside, and the product's own account of its run."""

    seed: int
    account: Account
    survival: Mapping[str, Any]
    """What `liferaft_sandbox.users.verify` wrote."""
    run: Mapping[str, Any]
    """What `liferaft report --json` printed."""
    packets_to_primary: Mapping[str, int]
    """Packets towards the primary's networks since the termination, by where they came from."""
    calls_to_primary: Sequence[Mapping[str, Any]]
    """Rows of the primary's access log since the termination."""
    earlier: tuple[Fallen, ...] = ()
    """Sites that fell before the last one, the first of them first."""
    latency: float = 0.0
    """Seconds of a round trip between any two places."""

    @property
    def fallen(self) -> tuple[Fallen, ...]:
        """All sites that fell."""
        return (*self.earlier, Fallen(recovered_until(self), self.account.terminated_at))


@dataclass(frozen=True)
class Check:
    """One promise, and whether it was kept.

    late: all that is wrong is the time it took, which a busy machine alone can bring about.
    """

    name: str
    kept: bool
    detail: str
    late: bool = False


def recovered_until(observed: Observed) -> float | None:
    """Unix seconds: the last moment of the old primary that the new one holds."""
    moment = observed.run.get("recovered_until")
    return None if moment is None else float(moment)


def rpo_seconds(observed: Observed) -> float | None:
    """Seconds of the old primary's life that are missing at the new one."""
    until = recovered_until(observed)
    return None if until is None else observed.account.terminated_at - until


def checks(observed: Observed) -> list[Check]:
    """Every promise of a rehearsal."""
    account, survival = observed.account, observed.survival
    return [
        _under(
            "the holding page is seen",
            account.holding_page_seconds,
            HOLDING_LIMIT + HOLDING_ROUND_TRIPS * observed.latency,
        ),
        _under(
            "users can write again",
            account.command_to_first_good_write,
            WRITE_LIMIT + WRITE_ROUND_TRIPS * observed.latency,
        ),
        _losses(observed),
        _lag(observed),
        Check("nothing is altered", not survival["altered"], f"{survival['altered']} altered"),
        Check(
            "everything promised has an answer",
            not survival["unanswered"],
            f"{survival['unanswered']} without an answer",
        ),
        _silence(observed),
    ]


def _under(name: str, seconds: float | None, limit: float) -> Check:
    if seconds is None:
        return Check(name, kept=False, detail="never")
    detail = f"{seconds:.1f} s after the command, limit {limit:.0f} s"
    return Check(name, seconds < limit, detail, late=seconds >= limit)


def _losses(observed: Observed) -> Check:
    """Only what was written after the last archived moment of a site that fell may be lost."""
    lost = _lost(observed)
    name = "only writes later than the archive are lost"
    if any(fallen.recovered_until is None for fallen in observed.fallen):
        return Check(name, kept=not lost, detail="a run does not say until when it recovered")
    unexplained = [row for row in lost if not _is_explained(row["at"], observed.fallen)]
    return Check(name, not unexplained, f"{len(lost)} lost, {len(unexplained)} of them unexplained")


def _lag(observed: Observed) -> Check:
    lag, name = archive_lag_seconds(observed), "the archive keeps up"
    if lag is None:
        return Check(name, kept=True, detail="no run says until when it recovered")
    detail = f"at most {lag:.1f} s behind when a site fell, limit {LAG_LIMIT:.0f} s"
    return Check(name, lag < LAG_LIMIT, detail, late=lag >= LAG_LIMIT)


def _is_explained(at: float, fallen: Sequence[Fallen]) -> bool:
    """Whether a site fell with this moment not archived yet."""
    return any(
        (one.recovered_until or 0.0) <= at <= one.terminated_at + UNDER_WAY for one in fallen
    )


def archive_lag_seconds(observed: Observed) -> float | None:
    """The longest time that was not in the archive when a site fell."""
    lags = [
        one.terminated_at - one.recovered_until
        for one in observed.fallen
        if one.recovered_until is not None
    ]
    return max(lags, default=None)


def _lost(observed: Observed) -> list[Mapping[str, Any]]:
    return [row for row in observed.survival["not_survived"] if row["verdict"] == "lost"]


def _silence(observed: Observed) -> Check:
    count = requests_to_primary(observed)
    return Check("nobody asks the primary for anything", count == 0, f"{count} calls or packets")


def requests_to_primary(observed: Observed) -> int:
    """API calls and packets of ours; users follow stale DNS answers and are not counted."""
    return len(observed.calls_to_primary) + sum(
        count for source, count in observed.packets_to_primary.items() if source != "users"
    )


def report(observed: Observed) -> dict[str, Any]:
    """The whole report as JSON values. Seconds, Unix seconds, counts."""
    account, survival = observed.account, observed.survival
    kept = checks(observed)
    return {
        "succeeded": all(check.kept for check in kept),
        "seed": observed.seed,
        "rto_seconds": account.rto_seconds,
        "command_to_first_good_write": account.command_to_first_good_write,
        "holding_page_seconds": account.holding_page_seconds,
        "rpo_seconds": rpo_seconds(observed),
        "archive_lag_seconds": archive_lag_seconds(observed),
        "uploads_under_way_at_termination": account.uploads_under_way,
        "acknowledged_writes": survival["acknowledged"],
        "lost_writes": survival["lost"],
        "lost": [
            {
                "path": row["path"],
                "user": row["user"],
                "seconds_before_termination": round(account.terminated_at - row["at"], 3),
            }
            for row in _lost(observed)
        ],
        "critical_path_seconds": observed.run["critical_path_seconds"],
        "critical_path": observed.run["critical_path"],
        "requests_to_primary_after_termination": requests_to_primary(observed),
        "resolver_tail_seconds": {
            tail.resolver: None
            if tail.first_new is None
            else round(tail.first_new - account.command_at, 1)
            for tail in account.resolvers
        },
        "steps": observed.run["steps"],
        "checks": [vars(check) for check in kept],
    }
