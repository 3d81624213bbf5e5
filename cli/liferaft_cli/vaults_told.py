"""What `status` says of each vault besides whether it answers, and what is due in it."""

from typing import TYPE_CHECKING

from liferaft_cli import looking

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from liferaft.evidence.watch import VaultSeen, Watched
    from liferaft.vault import Attendance


def attendance(one: "Attendance", now: "datetime") -> str:
    """How it stands with a vault, in a few words; sentences about it are advice."""
    led = "it leads, " if one.leads else ""
    if one.is_complete:
        return f"{led}has all records"
    state = "INCOMPLETE" if one.answers else "DOES NOT ANSWER, incomplete"
    since = f" since {one.away_since}" if one.away_since else ""
    by_itself = ", catching up" if one.is_catching_up(now) else ""
    left = "" if one.left is None else f", {one.left} records left to bring"
    return f"{led}{state}{since}{by_itself}{left}: {(one.why or '').rstrip('.')}"


def holds(vault: str, looked: looking.Looked) -> "Iterator[str]":
    """What one vault has: what flows there, the last point, the last that was verified."""
    from liferaft.evidence.loss_told import of_vault

    if looked.loss is not None:
        yield from of_vault(looked.loss, vault)
    for seen in looked.watched.vaults:
        if seen.name == vault and seen.trouble is None:
            yield from _points(seen, looked.watched)


def _points(seen: "VaultSeen", watched: "Watched") -> "Iterator[str]":
    from liferaft.evidence.watch import words

    for what, moment in (("last point", seen.point), ("last verified point", seen.verified)):
        yield f"no {what}" if moment is None else f"{what} {words(watched.at - moment)} old"


def due(watched: "Watched") -> "Iterator[str]":
    """What no timer does: hosts have no key that deletes."""
    from liferaft.moves.past_policy import DUE

    due = [f"{one.past} of vault {one.name}" for one in watched.vaults if one.past >= DUE]
    if due:
        yield (
            f"Recovery points past `keep` are due to go, {' and '.join(due)}: `liferaft snapshot "
            "prune`."
        )


def as_json(seen: "VaultSeen") -> dict[str, object]:
    archived = seen.archived or {}
    return {
        "vault": seen.name,
        "point": _moment(seen.point),
        "verified": _moment(seen.verified),
        "archived": {name: _moment(at) for name, at in archived.items()},
        "past": seen.past,
        "trouble": seen.trouble,
    }


def _moment(at: "datetime | None") -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
