"""A recovery point is made of the parts that are complete, by one manifest."""

import pytest

from liferaft.failures import Refused
from liferaft.moves.actions.point import PublishPoint
from liferaft.recovery.part import Part
from liferaft.recovery.parts import has_part, note_part, parts_of, point_named
from liferaft.recovery.point import NoRecoveryPoint, newest
from liferaft.site.world import World

FACTS = {"label": "F1"}
DATABASE = Part("postgres", "db", 1, "2026-11-22T14:00:00Z", 4096, FACTS)
BUCKET = Part("bucket", "media", 1, "2026-11-22T14:00:01Z", 12)
PUBLISH = PublishPoint("east", 1, "20261122T140000Z")


async def test_a_part_that_is_complete_is_not_taken_again(world: World) -> None:
    assert not has_part(world.site.vault, 1, "p", kind="postgres", name="db")
    note_part(world.site.vault, "p", DATABASE)
    assert has_part(world.site.vault, 1, "p", kind="postgres", name="db")
    assert not has_part(world.site.vault, 1, "q", kind="postgres", name="db")
    assert not has_part(world.site.vault, 1, "p", kind="postgres", name="d")
    assert parts_of(world.site.vault, 1, "p") == (DATABASE,)


async def test_a_point_counts_only_once_it_was_published(world: World) -> None:
    note_part(world.site.vault, PUBLISH.point, DATABASE)
    note_part(world.site.vault, PUBLISH.point, BUCKET)
    with pytest.raises(NoRecoveryPoint):
        newest(world.site.vault, 1)
    assert not await PUBLISH.holds(world)
    told = await PUBLISH.apply(world)
    assert told == {"point": PUBLISH.point, "bytes": 4108}
    assert await PUBLISH.holds(world)
    await PUBLISH.prove(world)
    assert newest(world.site.vault, 1).parts == (BUCKET, DATABASE)


async def test_a_part_is_read_from_the_point_that_names_it(world: World) -> None:
    note_part(world.site.vault, PUBLISH.point, DATABASE)
    await PUBLISH.apply(world)
    found = point_named(world.site.vault, 1, PUBLISH.point)
    assert found.part("postgres", "db") == DATABASE
    with pytest.raises(Refused, match="holds no bucket named media"):
        found.part("bucket", "media")
