"""From configuration, secrets and outputs of a site to its bucket."""

from typing import TYPE_CHECKING

from liferaft.data.bucket.config import BucketConfig
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.everywhere import BucketInVaults
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.sealed import sealed, seals
from liferaft.site.outputs import SiteIncomplete
from liferaft.site.reach import CA_FILE, authorities

if TYPE_CHECKING:
    from liferaft.site.world import World


async def bucket(world: "World", name: str) -> BucketData:
    """One data set of kind bucket at this site, in the first vault, as it is kept."""
    told, place, into = _told(world, name), await site_bucket(world), await sealed(world)
    return BucketData(
        *(name, place, into),
        keep_deleted=told.keep_deleted,
        references=told.references,
        database=world.site.config.app.name,
    )


async def bucket_in_vaults(
    world: "World", name: str, later: tuple[int, ...] = ()
) -> BucketInVaults:
    """The same in all of them. `later`: epochs since the point to restore."""
    site, each, days = await site_bucket(world), await seals(world), _told(world, name).keep_deleted
    return BucketInVaults(tuple(BucketData(name, site, one, later, days) for one in each))


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
