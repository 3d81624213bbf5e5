"""The cloud of a site, asked without the engine: what is there, beside what the state knows."""

from liferaft.clouds.contract import Cloud
from liferaft.clouds.registry import open_cloud
from liferaft.moves.inventory import inventory
from liferaft.moves.world import World


def cloud_of(world: World) -> Cloud:
    """The cloud of the site that this run works on. Asks nobody yet."""
    site = world.config.sites[world.site]
    return open_cloud(
        site.cloud,
        site.region,
        world.environment,
        inventory=inventory(world.config, world.site, world.credentials.host_keys),
    )
