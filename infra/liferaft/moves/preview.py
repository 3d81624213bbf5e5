"""What a deploy would change at its cloud, asked of the engine before anything does."""

from liferaft.moves.actions.provision import quiet, require_ok
from liferaft.plan.plan import Plan
from liferaft.provision.engine.contract import Outcome
from liferaft.secrets import AppSecrets
from liferaft.site.bucket_name import foreseen_bucket
from liferaft.site.site import Site
from liferaft.site.stack import has_servers, request
from liferaft.vault import KeyMissing


async def preview(site: Site, plan: Plan) -> Outcome:
    """The changes that a deploy of this plan would make. Touches nothing, the vault neither.

    Before the first deploy there are no secrets yet: then ones are used that are thrown away,
    since creating a site is the same work whatever they are. Servers that an interrupted failover
    left at a site that does not reign stay at a deploy, and so nothing changes here either.
    """
    try:
        await site.secrets()
    except KeyMissing:
        site.use_secrets(AppSecrets.generate())
    is_current = plan.inputs.reigns
    if not is_current and has_servers(await site.deployment()):
        return Outcome(ok=True)
    bucket = await foreseen_bucket(site)
    asked = await request(site, servers=is_current, bucket=bucket, epoch=plan.epoch)
    outcome = await site.engine.preview(asked, quiet)
    require_ok(outcome, plan.site)
    return outcome
