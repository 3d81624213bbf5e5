"""Parts of a recovery point that is being taken: each is noted in the vault once it is complete.

They lie beside the manifests, not among them, so that half a point is never taken for a whole one
and a snapshot that was killed does not take again what it has.
"""

import asyncio
import json
import logging

from liferaft.data.contract import DataSet, Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.remote import Host
from liferaft.site.world import World
from liferaft.vault import Damaged, KeyMissing
from liferaft.vault.layout import EpochKeys

_log = logging.getLogger(__name__)


async def has_part(world: World, epoch: int, point: str, kind: str, name: str) -> bool:
    """Whether this part of the point is complete. One whose note is damaged is taken again."""
    key = EpochKeys(epoch).part(point, kind, name)
    try:
        await asyncio.to_thread(world.site.vault.get, key)
    except KeyMissing:
        return False
    except Damaged as damage:
        _log.warning("%s. That part is taken again.", damage)
        return False
    return True


async def keep_part(world: World, point: str, part: Part) -> None:
    """Note that a part is complete. Durable on return."""
    key = EpochKeys(part.epoch).part(point, part.kind, part.name)
    await asyncio.to_thread(world.site.vault.put, key, json.dumps(part.to_json()).encode())


async def is_taken(world: World, data: DataSet, *, epoch: int, point: str) -> bool:
    """Whether this data set's part of the point is complete."""
    return await has_part(world, epoch, point, data.kind, data.name)


async def taken(world: World, host: Host, data: DataSet, *, epoch: int, point: str) -> Part:
    """This data set's part of the point: in the vault and noted there when this returns."""
    part = await data.snapshot(host, epoch=epoch, marker=point)
    await keep_part(world, point, part)
    return part


async def parts_of(world: World, epoch: int, point: str) -> tuple[Part, ...]:
    """All parts of a point that are complete, by kind and name. Raises Damaged: the same snapshot,
    run again, takes that part anew."""
    keys = await asyncio.to_thread(world.site.vault.list, EpochKeys(epoch).parts(point))
    ours = [key for key in keys if key.endswith(".json")]
    bodies = [await asyncio.to_thread(world.site.vault.get, key) for key in ours]
    return tuple(Part.from_json(json.loads(body)) for body in bodies)


async def point_named(world: World, epoch: int, point: str) -> RecoveryPoint:
    """The manifest of that name."""
    body = await asyncio.to_thread(world.site.vault.get, EpochKeys(epoch).point(point))
    return RecoveryPoint.from_json(body)


async def part_of_point(world: World, epoch: int, point: str, kind: str, name: str) -> Part:
    """One part of a whole recovery point. Raises Refused if the point does not hold it."""
    return (await point_named(world, epoch, point)).part(kind, name)
