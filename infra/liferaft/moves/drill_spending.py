"""What a drill has cost, by what was really there and for how long."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from liferaft.moves.runner import StepEvent
from liferaft.moves.trial_costs import HourlyCost

_ADDRESS, _SERVERS = "reserve", "servers"
"""Steps by which an address and servers are asked for."""
_MINUTE: Final = 60.0


@dataclass(frozen=True)
class Spent:
    """amount: in `currency`; None where no price is known. seconds: for which servers were there,
    from before they were asked for until they were known to be deleted."""

    amount: float | None
    currency: str
    seconds: float
    is_over: bool

    @property
    def sentence(self) -> str:
        minutes = self.seconds / _MINUTE
        said = f"This drill's servers were there for {minutes:.1f} min"
        if self.amount is None:
            said += "; what they cost is not known"
        else:
            said += f" and cost about {self.amount:.2f} {self.currency} with its address, net"
        return f"{said}." if self.is_over else f"{said} SO FAR: they are not known to be deleted."

    def to_json(self) -> dict[str, Any]:
        """As the journal and `--json` have it."""
        return {
            "sentence": self.sentence,
            "amount": self.amount,
            "currency": self.currency,
            "server_seconds": self.seconds,
        }


@dataclass
class Meter:
    """Runs while things are there. `clock`: seconds."""

    clock: Callable[[], float] = time.monotonic
    _since: dict[str, float] = field(default_factory=dict)
    _until: float | None = None

    def hear(self, event: StepEvent) -> None:
        """What was begun may be there from then on, whatever came of the step."""
        if event.kind == "started" and event.step in (_ADDRESS, _SERVERS):
            self._since.setdefault(event.step, self.clock())

    def stop(self) -> None:
        """All of it is known to be deleted."""
        self._until = self.clock()

    def spent(self, cost: HourlyCost) -> Spent:
        amount = self._amount(cost)
        return Spent(
            None if amount is None else round(amount, 4),
            cost.currency,
            round(self._seconds(_SERVERS), 1),
            self._until is not None,
        )

    def _amount(self, cost: HourlyCost) -> float | None:
        servers, address = self._seconds(_SERVERS), self._seconds(_ADDRESS)
        if servers and cost.servers is None:
            return None
        of_servers = cost.charged(cost.servers or 0.0, servers)
        return of_servers + cost.charged(cost.address, address)

    def _seconds(self, step: str) -> float:
        end = self.clock() if self._until is None else self._until
        return end - self._since[step] if step in self._since else 0.0
