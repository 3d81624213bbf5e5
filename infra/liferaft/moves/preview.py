"""What a deploy would change at its cloud, asked of the engine before anything does."""

from liferaft.moves.actions.provision import quiet, require_ok
from liferaft.moves.plan import Plan
from liferaft.moves.stack import request
from liferaft.moves.world import World
from liferaft.provision.engine.contract import Outcome
from liferaft.secrets import AppSecrets
from liferaft.vault import KeyMissing


async def preview(world: World, plan: Plan) -> Outcome:
    """The changes that a deploy of this plan would make. Touches nothing, the vault neither.

    Before the first deploy there are no secrets yet: then ones are used that are thrown away,
    since creating a site is the same work whatever they are.
    """
    async with world:
        try:
            await world.secrets()
        except KeyMissing:
            world.use_secrets(AppSecrets.generate())
        asked = await request(world, servers=plan.inputs["reigns"], epoch=plan.epoch)
        outcome = await world.engine.preview(asked, quiet)
    require_ok(outcome, plan.site)
    return outcome
