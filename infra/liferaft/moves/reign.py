"""What is noted of a reign: its PostgreSQL timeline, and that its site was destroyed.

Restores of a reign pin its timeline: without the pin a restore would follow the newest one of the
archive, which may be that of a copy that was promoted by mistake.
"""

import asyncio
import json
from datetime import UTC, datetime

from liferaft.data.postgres.layout import FIRST_TIMELINE
from liferaft.failures import Refused
from liferaft.moves.world import World
from liferaft.vault import KeyMissing, Vault

FIRST_EPOCH = 1


def _key(epoch: int) -> str:
    return f"epoch-{epoch:08d}/timeline.json"


async def keep_timeline(world: World, epoch: int, timeline: int) -> None:
    """Note the timeline of a reign. Durable on return."""
    body = json.dumps({"timeline": timeline}).encode()
    await asyncio.to_thread(world.vault.put, _key(epoch), body)


async def is_timeline_kept(world: World, epoch: int) -> bool:
    """Whether the timeline of a reign is noted."""
    try:
        await asyncio.to_thread(world.vault.get, _key(epoch))
    except KeyMissing:
        return False
    return True


def timeline_of(vault: Vault, epoch: int) -> int:
    """The timeline that a reign writes. Blocks.

    Raises Refused for a reign that began with a promotion which was not finished.
    """
    try:
        return int(json.loads(vault.get(_key(epoch)))["timeline"])
    except KeyMissing:
        if epoch == FIRST_EPOCH:
            return FIRST_TIMELINE
        raise Refused(
            f"The failover that began epoch {epoch} did not come to its end: it is not known which "
            "history of the database is the right one",
            safe="Nothing was done.",
            do="Run that failover again: it goes on where it was. `liferaft status` names it.",
        ) from None


async def note_destroyed(world: World, epoch: int) -> None:
    """Note that the site of this reign is deleted, and its database with it. Durable on return.

    The archive of a reign is of one database: the next one at that site begins a reign of its own.
    """
    body = json.dumps({"site": world.site, "at": datetime.now(UTC).isoformat()}).encode()
    await asyncio.to_thread(world.vault.put, _destroyed_key(epoch), body)


def destroyed_at(vault: Vault, epoch: int) -> str | None:
    """When the site of this reign was deleted (UTC, ISO 8601); None while it stands. Blocks."""
    try:
        return str(json.loads(vault.get(_destroyed_key(epoch)))["at"])
    except KeyMissing:
        return None


def _destroyed_key(epoch: int) -> str:
    return f"epoch-{epoch:08d}/destroyed.json"
