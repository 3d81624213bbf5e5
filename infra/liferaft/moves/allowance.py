"""Before a deploy or an image makes anything: whether the account may run the servers.

Not before a failover: that waits for no answer that it can do without.
"""

import asyncio
from collections.abc import Mapping

from liferaft.clouds.contract import Owner
from liferaft.clouds.sizes import WantedSize
from liferaft.config import Config
from liferaft.moves import builder, deploy, machine_image
from liferaft.plan.plan import Plan
from liferaft.provision.description import DISK
from liferaft.site.site import Site
from liferaft.site.stack import description


async def require_allowance(site: Site, plan: Plan) -> tuple[str, ...]:
    """Raise Refused if servers that this plan makes would be refused. Otherwise what the account
    says of them, in sentences: of a standby's too, which a failover makes. Raises CloudFailure."""
    if plan.move not in (deploy.MOVE, machine_image.MOVE):
        return ()
    servers = _servers(site, plan)
    has_bucket = plan.move != machine_image.MOVE and bool(site.config.in_buckets)
    told = await asyncio.to_thread(site.cloud().allowance, servers, has_bucket=has_bucket)
    if told.obstacles and (plan.move == machine_image.MOVE or plan.inputs.reigns):
        raise told.obstacles[0]
    later = [
        f"A failover to {site.name} would be refused. {one.facts.happened}. {one.facts.do}"
        for one in told.obstacles
    ]
    return (*later, *told.notes, *told.unknown)


def _servers(site: Site, plan: Plan) -> Mapping[str, WantedSize]:
    if plan.move == machine_image.MOVE:
        owner = Owner(site.config.app.name, site.name, plan.epoch, "")
        shape = builder.shape_of(site)
        built = WantedSize(**shape, disk=DISK, architecture="x86_64", system=plan.inputs.system)
        return {owner.name(builder.NAME): built}
    return servers_of(site.config.on(plan.inputs.system), site.name)


def servers_of(config: Config, site: str) -> Mapping[str, WantedSize]:
    """All servers that the application has at a site while it reigns there, by the names that they
    have or will have at its cloud. Pure."""
    owner = Owner(config.app.name, site, 0, "")
    whole = description(config, site, "", servers=True)
    return {
        owner.name(server.name): WantedSize(
            server.group.cpus,
            server.group.memory,
            server.group.disk,
            server.group.architecture,
            server.group.machine_types,
            config.system,
        )
        for server in whole.servers()
    }
