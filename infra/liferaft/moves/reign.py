"""Which PostgreSQL timeline a reign writes: restores of that reign pin it.

Without the pin a restore would follow the newest timeline of the archive, which may be that of a
copy that was promoted by mistake.
"""

import asyncio
import json

from liferaft.moves.world import World
from liferaft.vault import KeyMissing, Vault

FIRST_TIMELINE = 1
"""Of a database that was never promoted."""


def _key(epoch: int) -> str:
    return f"epoch-{epoch:08d}/timeline.json"


async def keep_timeline(world: World, epoch: int, timeline: int) -> None:
    """Note the timeline of a reign. Durable on return."""
    body = json.dumps({"timeline": timeline}).encode()
    await asyncio.to_thread(world.vault.put, _key(epoch), body)


def timeline_of(vault: Vault, epoch: int) -> int:
    """The timeline that a reign writes. Blocks."""
    try:
        return int(json.loads(vault.get(_key(epoch)))["timeline"])
    except KeyMissing:
        return FIRST_TIMELINE
