"""What came of a drill: whether a failover would have worked, how fast, and with what lost."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from liferaft.failures import Failure, Held
from liferaft.moves.drill_spending import Spent


@dataclass(frozen=True)
class DrillVerdict:
    """What came of a drill. Moments are seconds.

    rto: from its beginning until the application was well. rpo: how old the newest write was that
    came back, as the replay came to its end; None where no data tells. failure: why it
    would not have worked. left: why something of it may still be there. hidden: dependencies that
    were asked for and denied, a sentence each. missed: which of [targets] were not kept, the same.
    spent: what it cost; None where nobody has reckoned that. data_only: of the data alone; then
    `rto` is until it took writes, which no target is for.
    without: names of vendors that it was played without. seed: by which one of them was picked.
    """

    run: str
    site: str
    rto: float | None = None
    rpo: float | None = None
    failure: Failure | None = None
    left: Failure | None = None
    hidden: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    spent: Spent | None = None
    data_only: bool = False
    without: tuple[str, ...] = ()
    seed: int | None = None

    @property
    def well(self) -> str:
        """How it went, of one in which nothing failed."""
        if self.data_only:
            return (
                f"The data would have come back at {self.site}{self._gone}: it took writes after "
                f"{self.rto or 0.0:.1f} s. The application was not tried"
            )
        return (
            f"{self.tried} would have worked: the application was well after "
            f"{self.rto or 0.0:.1f} s"
        )

    @property
    def _gone(self) -> str:
        return f" without {' and '.join(self.without)}" if self.without else ""

    @property
    def tried(self) -> str:
        """What it was a trial of."""
        data = "Bringing the data back at" if self.data_only else "A failover to"
        return f"{data} {self.site}{self._gone}"

    @property
    def is_good(self) -> bool:
        return self.failure is None and not self.missed

    @property
    def has_given_way(self) -> bool:
        """Whether it was ended for a real move: then nobody knows what would have come of it."""
        return self.failure is not None and isinstance(self.failure.__cause__, Held)

    def to_json(self) -> dict[str, Any]:
        """As the journal and `--json` have it."""
        return {
            "run": self.run,
            "site": self.site,
            "data_only": self.data_only,
            "good": self.is_good,
            "gave_way": self.has_given_way,
            "rto_seconds": self.rto,
            "rpo_seconds": self.rpo,
            "reason": self.failure.facts.happened if self.failure else None,
            "missed": list(self.missed),
            "left": self.left.facts.happened if self.left else None,
            "hidden_dependencies": list(self.hidden),
            **({"costs": self.spent.to_json()} if self.spent else {}),
            "without": list(self.without),
            "seed": self.seed,
        }


def missed(name: str, seconds: float | None, target: timedelta | None) -> tuple[str, ...]:
    """The sentence that a target was missed by, if it was. Pure."""
    if seconds is None or target is None or seconds <= target.total_seconds():
        return ()
    told = f"{seconds:.1f} s, and [targets] asks for {target.total_seconds():.0f} s at most"
    return (f"{name.upper()} was {told}",)
