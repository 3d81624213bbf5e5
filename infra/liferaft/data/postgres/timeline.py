"""The timeline of an epoch's database, noted in the vault.

Restores of an epoch pin its timeline: without the pin a restore would follow the newest one of the
archive, which may be that of a copy that was promoted by mistake.
"""

import asyncio
import json
import logging

from liferaft.data.postgres.layout import FIRST_TIMELINE
from liferaft.data.wholeness import Look
from liferaft.failures import Refused
from liferaft.journal import list_runs, what_is_left
from liferaft.recovery import point as points
from liferaft.site.epochs import FIRST_EPOCH
from liferaft.vault import PUT_BACK, Damaged, KeyMissing, Vault
from liferaft.vault.layout import EpochKeys

_log = logging.getLogger(__name__)


async def keep_timeline(vault: Vault, epoch: int, timeline: int) -> None:
    """Note the timeline of an epoch. Durable on return."""
    body = json.dumps({"timeline": timeline}).encode()
    await asyncio.to_thread(vault.put, EpochKeys(epoch).timeline, body)


def timeline_of(vault: Vault, epoch: int) -> int:
    """The timeline that an epoch writes. Blocks.

    Where its note is damaged, the journal of the promotion says it too, and so does each recovery
    point of that epoch. Raises Refused for an epoch that began with a promotion which was not
    finished, Damaged when nothing says it.
    """
    try:
        return int(json.loads(vault.get(EpochKeys(epoch).timeline))["timeline"])
    except Damaged as damage:
        said = _said_elsewhere(vault, epoch)
        if said is None:
            raise _without_timeline(damage) from None
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


def look_at_timeline(vault: Vault, epoch: int) -> Look:
    """Whether its note is whole, or something else says the same. Blocks."""
    try:
        vault.get(EpochKeys(epoch).timeline)
    except KeyMissing:
        return Look()
    except Damaged as damage:
        if _said_elsewhere(vault, epoch) is None:
            return Look((_without_timeline(damage),))
        return Look(anew=(f"{damage}. The rest of the vault says the same.",))
    return Look()


def _without_timeline(damage: Damaged) -> Damaged:
    """The damage of a note of which nothing else in the vault says the same."""
    return damage.mended_by(
        f"{PUT_BACK} While the site that reigns can be reached, `liferaft deploy` of it writes "
        "this object anew."
    )


def _said_elsewhere(vault: Vault, epoch: int) -> int | None:
    """The timeline of an epoch, from all but its own note."""
    return _promoted(vault, epoch) or _backed_up(vault, epoch)


def _promoted(vault: Vault, epoch: int) -> int | None:
    """The timeline that the run told which promoted the database of this epoch."""
    for name in list_runs(vault):
        if name.epoch == epoch:
            step = what_is_left(vault, name).steps.get("promote")
            if step is not None and "timeline" in step.facts:
                return int(step.facts["timeline"])
    return None


def _backed_up(vault: Vault, epoch: int) -> int | None:
    """The timeline on which the database was when the newest backup of this epoch ended."""
    for point in reversed(points.history(vault, epoch).whole):
        for part in point.parts:
            if part.kind == "postgres" and "timeline" in part.facts:
                return int(part.facts["timeline"])
    return None
