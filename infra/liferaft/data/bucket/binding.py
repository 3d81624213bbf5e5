"""From configuration, secrets and outputs of a site to its bucket."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from liferaft.data.bucket.config import BucketConfig
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.everywhere import BucketInVaults
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.postgres.binding import database_name
from liferaft.data.sealed import sealed, seals
from liferaft.site.outputs import SiteIncomplete
from liferaft.site.reach import CA_FILE, authorities

if TYPE_CHECKING:
    from liferaft.data.rclone import Sealed
    from liferaft.site.world import World


async def bucket(world: "World", name: str) -> BucketData:
    """One data set of kind bucket at this site, in the first vault, as it is kept."""
    return await _bucket(world, name, await sealed(world))


async def bucket_in_vaults(
    world: "World", name: str, later: tuple[int, ...] = (), as_of: float | None = None
) -> BucketInVaults:
    """The same in all of them. `later`: epochs since the point to restore; as_of: the moment of
    which it is brought back."""
    first, *others = await seals(world)
    kept = replace(await _bucket(world, name, first), later=later, as_of=as_of)
    return BucketInVaults((kept, *(replace(kept, sealed=one) for one in others)))


async def _bucket(world: "World", name: str, into: "Sealed") -> BucketData:
    told, config = _told(world, name), world.site.config
    rows = await asyncio.to_thread(database_name, config) if told.references else config.app.name
    return BucketData(
        *(name, await site_bucket(world), into),
        keep_deleted=told.keep_deleted,
        references=told.references,
        database=rows,
    )


def _told(world: "World", name: str) -> BucketConfig:
    told = world.site.config.data[name]
    assert isinstance(told, BucketConfig)
    return told


async def site_bucket(world: "World") -> SiteBucket:
    """The site's bucket, as its own servers and the application reach it."""
    outputs = await world.site.outputs()
    if outputs.bucket is None:
        raise SiteIncomplete(f"Site {world.site.name} has no bucket", do="Deploy the site again.")
    keys = world.site.credentials.buckets[world.site.name]
    return SiteBucket(
        bucket=outputs.bucket.name,
        url=outputs.bucket.endpoint,
        region=outputs.bucket.region,
        access_key=keys.access_key_id.get_secret_value(),
        secret_key=keys.secret_access_key.get_secret_value(),
        ca_file=CA_FILE if await authorities(world) else None,
    )
