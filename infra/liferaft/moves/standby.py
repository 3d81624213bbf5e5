"""What a deploy leads to beside its steps: a site that stands by, and costs."""

from liferaft.config import Config
from liferaft.moves import deploy
from liferaft.plan.plan import Plan
from liferaft.site.costs import StandbyCosts, standby_costs
from liferaft.site.machine_images import machine_image_of
from liferaft.vault import Damaged, Vault


def costs_of(plan: Plan, config: Config, vault: Vault) -> StandbyCosts | None:
    """By the month, of the site that the plan makes ready; None of any other plan. Blocks."""
    if plan.move != deploy.MOVE or plan.inputs.reigns:
        return None
    try:
        has_image = machine_image_of(vault, plan.site) is not None
    except Damaged:  # a deploy goes on without, and so does an estimate
        has_image = False
    return standby_costs(config, plan.site, has_image=has_image)
