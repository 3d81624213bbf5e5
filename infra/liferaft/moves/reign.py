"""What is noted of a reign: its PostgreSQL timeline, and that its site was destroyed.

Restores of a reign pin its timeline: without the pin a restore would follow the newest one of the
archive, which may be that of a copy that was promoted by mistake.
"""

import asyncio
import json
import logging
from datetime import UTC, datetime

from liferaft.data.postgres.layout import FIRST_TIMELINE
from liferaft.failures import Refused
from liferaft.journal import list_runs, what_is_left
from liferaft.recovery import point as points
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

FIRST_EPOCH = 1
_log = logging.getLogger(__name__)


async def keep_timeline(vault: Vault, epoch: int, timeline: int) -> None:
    """Note the timeline of a reign. Durable on return."""
    body = json.dumps({"timeline": timeline}).encode()
    await asyncio.to_thread(vault.put, EpochKeys(epoch).timeline, body)


def timeline_of(vault: Vault, epoch: int) -> int:
    """The timeline that a reign writes. Blocks.

    Where its note is damaged, the journal of the promotion says it too, and so does each recovery
    point of that reign. Raises Refused for a reign that began with a promotion which was not
    finished, Damaged when nothing says it.
    """
    try:
        return int(json.loads(vault.get(EpochKeys(epoch).timeline))["timeline"])
    except Damaged as damage:
        said = said_elsewhere(vault, epoch)
        if said is None:
            raise without_timeline(damage) from None
        _log.warning("%s. The rest of the vault says timeline %d.", damage, said)
        return said
    except KeyMissing:
        if epoch == FIRST_EPOCH:
            return FIRST_TIMELINE
        raise Refused(
            f"The failover that began epoch {epoch} did not come to its end: it is not known which "
            "history of the database is the right one",
            safe="Nothing was done.",
            do="Run that failover again: it goes on where it was. `liferaft status` names it.",
        ) from None


def without_timeline(damage: Damaged) -> Damaged:
    """The damage of a note of which nothing else in the vault says the same."""
    return damage.mended_by(
        f"{PUT_BACK} While the site that reigns can be reached, `liferaft deploy` of it writes "
        "this object anew."
    )


def said_elsewhere(vault: Vault, epoch: int) -> int | None:
    """The timeline of a reign, from all but its own note. Blocks."""
    return _promoted(vault, epoch) or _backed_up(vault, epoch)


def _promoted(vault: Vault, epoch: int) -> int | None:
    """As the run that promoted the database of this reign has told it."""
    for name in list_runs(vault):
        if name.epoch == epoch:
            step = what_is_left(vault, name).steps.get("promote")
            if step is not None and "timeline" in step.facts:
                return int(step.facts["timeline"])
    return None


def _backed_up(vault: Vault, epoch: int) -> int | None:
    """As it was when the newest backup of this reign ended."""
    for point in reversed(points.history(vault, epoch).whole):
        for part in point.parts:
            if part.kind == "postgres" and "timeline" in part.facts:
                return int(part.facts["timeline"])
    return None


async def note_destroyed(vault: Vault, epoch: int, site: str) -> None:
    """Note that the site of this reign is deleted, and its database with it. Durable on return.

    The archive of a reign is of one database: the next one at that site begins a reign of its own.
    """
    body = json.dumps({"site": site, "at": datetime.now(UTC).isoformat()}).encode()
    await asyncio.to_thread(vault.put, EpochKeys(epoch).destroyed, body)


def destroyed_at(vault: Vault, epoch: int) -> str | None:
    """When the site of this reign was deleted (UTC, ISO 8601); None while it stands. Blocks.

    Raises Damaged.
    """
    try:
        return str(json.loads(vault.get(EpochKeys(epoch).destroyed))["at"])
    except KeyMissing:
        return None
    except Damaged as damage:
        raise damage.mended_by(
            f"{PUT_BACK} If the site of epoch {epoch} was never destroyed, delete this object: it "
            "is not liferaft's.",
            safe="Whether that site was destroyed is not known, and so nothing was done.",
        ) from None
