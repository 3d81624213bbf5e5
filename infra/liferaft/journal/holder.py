"""Who holds the operation lease, and what those are told who would have it."""

import json
from dataclasses import asdict, dataclass
from typing import Self

from liferaft.failures import Held
from liferaft.journal.process import Process


@dataclass(frozen=True)
class Holder:
    """Who holds the lease for which run, since and until when (UTC, ISO 8601).

    `what` is for people: `failover of hetzner`.
    """

    process: Process
    run: str
    since: str
    expires: str
    nonce: str
    what: str = ""

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Self:
        fields = json.loads(body)
        return cls(**{**fields, "process": Process(**fields["process"])})


class LeaseHeld(Held):
    """Somebody else's run is under way."""

    def __init__(self, holder: Holder, expires: str) -> None:
        super().__init__(
            _told(holder),
            safe="This command did nothing.",
            do=f"Wait for that run to end. If it is dead, its lease lapses at {expires}; "
            "--take-over takes it now.",
            details=_details(holder),
        )
        self.holder = holder


class LeaseLost(Held):
    """Somebody took over from this run: it must not begin anything more."""

    def __init__(self, holder: Holder) -> None:
        super().__init__(
            f"This run lost its lease: {_told(holder)}",
            safe="No further step was begun, and what was under way was stopped: a step may be "
            "half done. Steps that finished stay.",
            do="Leave it to that run. See `liferaft status` when it has ended.",
            details=_details(holder),
        )
        self.holder = holder


def _told(holder: Holder) -> str:
    process, doing = holder.process, f"the {holder.what}" if holder.what else holder.run
    return f"{process.who} (process {process.pid}) has been running {doing} since {holder.since}"


def _details(holder: Holder) -> dict[str, str]:
    return {"holder": holder.process.who, "run": holder.run, "since": holder.since}
