"""Which PostgreSQL timeline a reign writes: restores of that reign pin it.

Without the pin a restore would follow the newest timeline of the archive, which may be that of a
copy that was promoted by mistake.
"""

import asyncio
import json

from liferaft.failures import Refused
from liferaft.moves.world import World
from liferaft.vault import KeyMissing, Vault

FIRST_EPOCH = 1
FIRST_TIMELINE = 1
"""Of a database that was never promoted."""


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
