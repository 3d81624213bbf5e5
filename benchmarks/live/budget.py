"""What a run may cost and how long it may take: asked before each step, never afterwards.

Everything is an estimate from list prices, and a high one: what is there is counted as if it stayed
until the run's deadline, and what is gone by whole units of what its cloud charges at least.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from liferaft.clouds.prices import PriceList
from liferaft.failures import Refused

HOUR = 3600.0


class BudgetReached(Refused):
    """The next thing could cost more than the run may."""


class DeadlineReached(Refused):
    """The run's time is over."""


@dataclass(frozen=True)
class Charge:
    """One thing at the cloud, by its owner's token: what it costs by the hour, and from when until
    when (seconds of the budget's clock; None: it may still be there)."""

    token: str
    hourly: float
    begin: float
    end: float | None = None


@dataclass
class Budget:
    """One run's. `clock` counts seconds.

    Attributes:
        limit: in the currency of the price list.
        seconds: how long the run may make things. Deleting them comes afterwards.
    """

    limit: float
    seconds: float
    prices: PriceList
    clock: Callable[[], float]
    charges: list[Charge] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._deadline = self.clock() + self.seconds

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._deadline - self.clock())

    @property
    def estimate(self) -> float:
        """What the run costs at the most, should nothing more be made."""
        return sum(self._cost(charge) for charge in self.charges)

    def require(self, what: str, hourly: float) -> float:
        """What one more thing costs at the most. Raises BudgetReached, DeadlineReached."""
        self.require_time(what)
        more = self._cost(Charge("", hourly, self.clock()))
        if self.estimate + more > self.limit:
            currency = self.prices.currency
            raise BudgetReached(
                f"{what} could cost {more:.4f} {currency}; with {self.estimate:.4f} of before "
                f"that is more than the {self.limit:g} {currency} that this run may cost",
                safe="It was not made.",
                do="Give a larger BUDGET, or fewer MINUTES: what stays shorter costs less.",
            )
        return more

    def require_time(self, what: str) -> None:
        """Raises DeadlineReached."""
        if not self.seconds_left:
            raise DeadlineReached(
                f"The {self.seconds / 60:g} minutes of this run were over before this: {what}",
                safe="It was not begun.",
                do="Give more MINUTES.",
            )

    def begin(self, token: str, hourly: float) -> None:
        """It may be there from now on: said before its cloud is asked to make it."""
        if not any(one.token == token and one.end is None for one in self.charges):
            self.charges.append(Charge(token, hourly, self.clock()))

    def end(self, token: str) -> None:
        """It is gone."""
        now = self.clock()
        self.charges = [
            replace(one, end=now) if one.token == token and one.end is None else one
            for one in self.charges
        ]

    def _cost(self, charge: Charge) -> float:
        end = max(self._deadline, self.clock()) if charge.end is None else charge.end
        unit = self.prices.least_seconds
        units = max(1, math.ceil((end - charge.begin) / unit))
        return charge.hourly * units * unit / HOUR
