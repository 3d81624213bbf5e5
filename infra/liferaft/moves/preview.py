"""What a deploy would change at its cloud, asked of the engine before anything does."""

from liferaft.moves.actions.provision import quiet, require_ok
from liferaft.moves.plan import Plan
from liferaft.moves.stack import has_servers, request
from liferaft.moves.world import World
from liferaft.provision.engine.contract import Outcome
from liferaft.secrets import AppSecrets
from liferaft.vault import KeyMissing


async def preview(world: World, plan: Plan) -> Outcome:
    """The changes that a deploy of this plan would make. Touches nothing, the vault neither.

    Before the first deploy there are no secrets yet: then ones are used that are thrown away,
    since creating a site is the same work whatever they are. Servers that an interrupted failover
    left at a site that does not reign stay at a deploy, and so nothing changes here either.
    """
    async with world:
        try:
            await world.secrets()
        except KeyMissing:
            world.use_secrets(AppSecrets.generate())
        reigns = plan.inputs.reigns
        asked = await request(world, servers=reigns, epoch=plan.epoch)
        if not reigns and has_servers(await world.engine.export(asked)):
            return Outcome(ok=True)
        outcome = await world.engine.preview(asked, quiet)
    require_ok(outcome, plan.site)
    return outcome
