"""What a drill costs by the hour, by the prices that its cloud lists: for an estimate only."""

import math
from dataclasses import dataclass

from liferaft.clouds.registry import entry
from liferaft.moves.allowance import servers_of
from liferaft.site.site import Site


@dataclass(frozen=True)
class HourlyCost:
    """hourly: of all servers, net; None where the cloud tells no price."""

    hourly: float | None
    currency: str

    def sentence(self, hours: int) -> str:
        """What it would cost, and at most. Pure."""
        if self.hourly is None:
            return (
                "What its servers cost is not known: their cloud lists no prices. They switch "
                f"themselves off after {hours} h."
            )
        return (
            f"Its servers cost about {self.hourly:.2f} {self.currency} an hour by list prices, "
            f"net, and so {self.hourly * hours:.2f} {self.currency} at most: after {hours} h they "
            "switch themselves off."
        )


def hourly_cost(site: Site) -> HourlyCost:
    """Of all servers of a site. Asks its cloud. Blocks. Raises CloudFailure, NoSizeFits."""
    currency = entry(site.declared.cloud).prices.currency
    if site.declared.machines:
        return HourlyCost(None, currency)
    cloud = site.cloud()
    wanted = servers_of(site.config, site.name).values()
    prices = [cloud.sizes(one)[0].price for one in wanted]
    total = sum(prices)
    return HourlyCost(round(total, 4) if math.isfinite(total) else None, currency)
