"""Refresh: the cloud is asked what became of a site's resources behind our back, and the state is
told."""

from dataclasses import replace

from liferaft.moves.actions.provision import quiet, require_ok
from liferaft.provision.engine.contract import Outcome
from liferaft.site.bucket_name import foreseen_bucket
from liferaft.site.site import Site
from liferaft.site.stack import request


async def refresh_state(site: Site, *, preview: bool, clear: bool = False) -> Outcome:
    """The differences between the site's state and its cloud; written unless `preview`.

    Nothing at the cloud changes: the next deploy brings it back to the description. `clear`: also
    drop what a killed run noted as being created; without, that stays noted. Raises NotProvisioned
    when the cloud could not be asked for everything.
    """
    asked = replace(
        await request(site, bucket=await foreseen_bucket(site)), clear_pending_creates=clear
    )
    outcome = await site.engine.refresh(asked, quiet, preview=preview)
    require_ok(outcome, site.name, goal="compared with its cloud")
    return outcome
