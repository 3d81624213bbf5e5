"""From configuration, secrets and outputs of a site to its bucket."""

from typing import TYPE_CHECKING

from liferaft.data.bucket.config import BucketConfig
from liferaft.data.bucket.dataset import BucketData
from liferaft.data.bucket.program import SiteBucket
from liferaft.data.sealed import sealed
from liferaft.site.outputs import SiteIncomplete
from liferaft.site.reach import CA_FILE, authorities

if TYPE_CHECKING:
    from liferaft.site.world import World


async def bucket(world: "World", name: str, later: tuple[int, ...] = ()) -> BucketData:
    """One data set of kind bucket at this site. `later`: epochs since the point to restore."""
    told = world.site.config.data[name]
    assert isinstance(told, BucketConfig)
    place, into = await site_bucket(world), await sealed(world)
    return BucketData(name, place, into, later, told.keep_deleted)


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
