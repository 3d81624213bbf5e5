"""A recovery point is made of the parts that are complete, by one manifest."""

import pytest

from liferaft.data.contract import Part
from liferaft.failures import Refused
from liferaft.moves.actions.parts import has_part, keep_part, part_of_point, parts_of
from liferaft.moves.actions.point import PublishPoint
from liferaft.recovery.point import NoRecoveryPoint, newest
from liferaft.site.world import World

PLATFORM = {"system": "debian 12", "postgresql": "15"}
FACTS = {"label": "F1", "platform": PLATFORM}
DATABASE = Part("postgres", "db", 1, "2026-11-22T14:00:00Z", 4096, FACTS)
BUCKET = Part("bucket", "media", 1, "2026-11-22T14:00:01Z", 12)
PUBLISH = PublishPoint("east", 1, "20261122T140000Z")


async def test_a_part_that_is_complete_is_not_taken_again(world: World) -> None:
    assert not await has_part(world, 1, "p", "postgres", "db")
    await keep_part(world, "p", DATABASE)
    assert await has_part(world, 1, "p", "postgres", "db")
    assert not await has_part(world, 1, "q", "postgres", "db")
    assert not await has_part(world, 1, "p", "postgres", "d")
    assert await parts_of(world, 1, "p") == (DATABASE,)


async def test_a_point_counts_only_once_it_was_published(world: World) -> None:
    await keep_part(world, PUBLISH.point, DATABASE)
    await keep_part(world, PUBLISH.point, BUCKET)
    with pytest.raises(NoRecoveryPoint):
        newest(world.site.vault, 1)
    assert not await PUBLISH.holds(world)
    told = await PUBLISH.apply(world)
    assert told == {"point": PUBLISH.point, "bytes": 4108}
    assert await PUBLISH.holds(world)
    await PUBLISH.prove(world)
    assert newest(world.site.vault, 1).parts == (BUCKET, DATABASE)
    assert newest(world.site.vault, 1).platform == PLATFORM


async def test_a_part_is_read_from_the_point_that_names_it(world: World) -> None:
    await keep_part(world, PUBLISH.point, DATABASE)
    await PUBLISH.apply(world)
    assert await part_of_point(world, 1, PUBLISH.point, "postgres", "db") == DATABASE
    with pytest.raises(Refused, match="holds no bucket named media"):
        await part_of_point(world, 1, PUBLISH.point, "bucket", "media")
