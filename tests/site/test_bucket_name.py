"""What a site's bucket is called: nobody guesses it, and everybody gets the same one."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.moves.test_damage import flipped

from liferaft.config import Config
from liferaft.config.data_checks import LONGEST_BUCKET
from liferaft.site.bucket_name import BUCKET, foreseen_bucket, reserved_bucket
from liferaft.site.site import Site
from liferaft.site.world import World
from liferaft.vault import CheckedVault, Damaged, layout

KEY = layout.bucket_name("north", "media")
OURS = r"chirp-north-media-[0-9a-f]{8}"


@dataclass
class Stacks:
    """An engine whose state says these things of the site."""

    deployment: dict[str, Any]

    async def export(self, _: object) -> dict[str, Any]:
        return {"deployment": self.deployment}


def bucket(name: str) -> dict[str, Any]:
    return {"type": BUCKET, "urn": "u", "inputs": {"name": name}}


def with_state(site: Site, **deployment: Any) -> Site:
    engine: Any = Stacks(deployment)
    return replace(site, engine=engine)


async def test_a_name_is_reserved_once_and_is_the_same_from_then_on(world: World) -> None:
    name = await reserved_bucket(world.site)
    assert re.fullmatch(OURS, name or "")
    assert await reserved_bucket(world.site) == name
    assert await foreseen_bucket(world.site) == name
    assert json.loads(world.site.vault.get(KEY))["name"] == name


async def test_two_who_begin_at_once_get_the_same_name(world: World) -> None:
    both = await asyncio.gather(*(reserved_bucket(replace(world.site)) for _ in range(8)))
    assert len(set(both)) == 1


async def test_sites_and_data_sets_have_names_of_their_own(
    world: World, configured: Callable[..., Config]
) -> None:
    north = await reserved_bucket(world.site)
    east = await reserved_bucket(replace(world.site, name="east"))
    renamed = replace(world.site, config=configured(("[data.media]", "[data.pictures]")))
    other = await reserved_bucket(renamed)
    suffixes = {str(name).rpartition("-")[2] for name in (north, east, other)}
    assert len(suffixes) == 3
    assert str(other).startswith("chirp-north-pictures-")


async def test_what_is_only_looked_at_reserves_nothing(world: World) -> None:
    assert re.fullmatch(OURS, await foreseen_bucket(world.site) or "")
    assert KEY not in world.site.vault.list()


@pytest.mark.parametrize(
    "deployment",
    [
        {"resources": [bucket("chirp-north-media")]},
        {"resources": [bucket("another"), bucket("chirp-north-media")]},
        {"resources": [], "pending_operations": [{"resource": bucket("chirp-north-media")}]},
    ],
)
async def test_a_site_that_has_its_bucket_keeps_its_name(
    world: World, deployment: dict[str, Any]
) -> None:
    site = with_state(world.site, **deployment)
    assert await foreseen_bucket(site) == "chirp-north-media"
    assert await reserved_bucket(site) == "chirp-north-media"
    emptied = with_state(world.site)
    assert await reserved_bucket(emptied) == "chirp-north-media"


async def test_a_bucket_of_another_data_set_or_of_the_programs_own_says_nothing(
    world: World,
) -> None:
    others = (
        *("chirp-north", "chirp-north-media-two-0a1b2c3d", "chirp-north-mediator", "own"),
        *("chirp-north-media-backups", "chirp-north-media-0a1b2c3d4e"),
    )
    site = with_state(world.site, resources=[bucket(name) for name in others])
    assert re.fullmatch(OURS, await reserved_bucket(site) or "")


async def test_a_reservation_that_is_lost_is_taken_from_the_state(world: World) -> None:
    name = await reserved_bucket(world.site)
    world.site.vault.delete(KEY)
    site = with_state(world.site, resources=[bucket(str(name))])
    assert await reserved_bucket(site) == name


@pytest.mark.parametrize("has", ["chirp-north-media", "chirp-north-media-0a1b2c3d"])
async def test_a_bucket_keeps_its_name_where_the_vault_says_another(
    world: World, caplog: pytest.LogCaptureFixture, has: str
) -> None:
    """A version before names were reserved made it, say. It would be replaced with all in it."""
    name = await reserved_bucket(world.site)
    replaced = {**bucket(str(name)), "delete": True}
    site = with_state(world.site, resources=[bucket(has), replaced])
    assert await foreseen_bucket(site) == has
    with caplog.at_level(logging.WARNING):
        assert await reserved_bucket(site) == has
    assert f"The vault says {name}" in caplog.text
    assert await reserved_bucket(world.site) == has


async def test_a_damaged_reservation_is_told_and_the_state_says_it_too(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    name = await reserved_bucket(world.site)
    assert isinstance(world.site.vault, CheckedVault)
    flipped(world.site.vault, KEY)
    with pytest.raises(Damaged) as told:
        await reserved_bucket(world.site)
    assert told.value.facts.do == "Delete this object: then another name is taken."
    site = with_state(world.site, resources=[bucket(str(name))])
    with caplog.at_level(logging.WARNING):
        assert await reserved_bucket(site) == name
    assert f"The site's state says: {name}, and that is kept." in caplog.text
    assert await reserved_bucket(world.site) == name


async def test_a_long_name_gives_way_to_the_suffix(
    world: World, configured: Callable[..., Config]
) -> None:
    app, data = "c" * 31, "m" * (LONGEST_BUCKET - 31 - len("-north-"))
    named = configured(('name = "chirp"', f'name = "{app}"'), ("[data.media]", f"[data.{data}]"))
    site = replace(world.site, config=named)
    name = await reserved_bucket(site)
    assert len(str(name)) == LONGEST_BUCKET
    assert re.fullmatch(rf"{app}-north-m+-[0-9a-f]{{8}}", str(name))
    site.vault.delete(layout.bucket_name("north", data))
    assert await reserved_bucket(with_state(site, resources=[bucket(str(name))])) == name


async def test_an_app_without_a_bucket_has_no_name_for_one(
    world: World, configured: Callable[..., Config]
) -> None:
    plain = replace(world.site, config=configured(('[data.media]\nkind = "bucket"\n', "")))
    assert await reserved_bucket(plain) is None
    assert await foreseen_bucket(plain) is None
    assert [key for key in plain.vault.list() if key.startswith("bucket-names/")] == []
