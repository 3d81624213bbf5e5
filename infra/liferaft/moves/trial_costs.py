"""What a drill costs by the hour, by list prices, and whether that is too much: an estimate.

Prices of servers are those that the cloud tells, or those of the configuration where it tells none.
Net, without traffic, and without what lies in the drill's bucket for these hours.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from liferaft.clouds.prices import PriceList
from liferaft.clouds.registry import entry
from liferaft.config import Config
from liferaft.failures import Refused
from liferaft.moves.allowance import servers_of
from liferaft.site.roster import roster
from liferaft.site.site import Site


class DrillTooCostly(Refused):
    """A drill may cost more than [drill] allows, or nobody knows what it costs."""


@dataclass(frozen=True)
class HourlyCost:
    """servers: of all of them; None where nobody tells their price. address: of the reserved one.
    least_seconds: what is there for a shorter time is charged for so long."""

    servers: float | None
    currency: str
    address: float = 0.0
    least_seconds: int = 3600

    @property
    def hourly(self) -> float | None:
        """None where it is not known."""
        return None if self.servers is None else round(self.servers + self.address, 4)

    def at_most(self, hours: int) -> float | None:
        """Of a drill whose servers switch themselves off after so many."""
        return None if self.hourly is None else round(self.hourly * hours, 2)

    def charged(self, hourly: float, seconds: float) -> float:
        """For what was there so long: every beginning of `least_seconds` counts whole."""
        return hourly * math.ceil(seconds / self.least_seconds) * self.least_seconds / 3600

    def sentence(self, hours: int) -> str:
        """What it would cost, and at most. hours: 0 for servers that stay on. Pure."""
        if not hours:
            return "Its machines are rented already: a drill costs nothing besides. They stay on."
        if self.hourly is None:
            return (
                "What its servers cost is not known: their cloud lists no prices. They switch "
                f"themselves off after {hours} h."
            )
        return (
            f"Its servers and address cost about {self.hourly:.2f} {self.currency} an hour by list "
            f"prices, net, and so {self.at_most(hours):.2f} {self.currency} at most: after "
            f"{hours} h the servers switch themselves off."
        )


def hourly_cost(site: Site) -> HourlyCost:
    """Of all servers of a site and its address. Asks its cloud, where that tells prices. Blocks.
    Raises CloudFailure, NoSizeFits."""
    prices = entry(site.declared.cloud).prices
    if site.declared.machines:
        return HourlyCost(_in_table(site.config), prices.currency)
    cloud = site.cloud()
    wanted = servers_of(site.config, site.name).values()
    total = sum(cloud.sizes(one)[0].price for one in wanted)
    servers = round(total, 4) if math.isfinite(total) else _in_table(site.config)
    return HourlyCost(servers, prices.currency, _address(prices), prices.least_seconds)


def _address(prices: PriceList) -> float:
    return prices.address.amount if prices.address else 0.0


def _in_table(config: Config) -> float | None:
    """By what [drill] says of each group of servers; None where it does not tell of all. Pure."""
    told = config.drill.hourly_costs
    groups = [seat.group for seat in roster(config).seats]
    if not all(group in told for group in groups):
        return None
    return round(sum(told[group] for group in groups), 4)


def require_affordable(cost: HourlyCost, hours: int, config: Config) -> None:
    """Raise DrillTooCostly where `max_cost` does not allow for it. Pure."""
    most = config.drill.max_cost
    if most is None:
        return
    told = cost.at_most(hours)
    if told is None:
        raise DrillTooCostly(
            f"Nobody knows what this drill would cost, and drill.max_cost allows {most:.2f} "
            f"{cost.currency}: the cloud lists no prices of its servers",
            safe="Nothing was made.",
            do="Say in `hourly_costs` of [drill] what a server of each group costs by the hour, "
            f"in {cost.currency}; or leave drill.max_cost out.",
        )
    if told > most:
        raise DrillTooCostly(
            f"This drill may cost {told:.2f} {cost.currency}, and drill.max_cost allows "
            f"{most:.2f}: {cost.hourly:.2f} an hour by list prices, for {hours} h",
            safe="Nothing was made.",
            do="Raise drill.max_cost, shorten drill.deadline, or try the data alone: "
            "`liferaft drill run SITE --data`.",
        )


def unpriced(config: Config) -> Iterator[str]:
    """What `hourly_costs` names that is no group of servers, a sentence each. Pure."""
    for name in config.drill.hourly_costs:
        if name not in config.servers:
            yield f"drill.hourly_costs names {name}, which is no group of servers"
