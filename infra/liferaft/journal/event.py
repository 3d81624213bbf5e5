"""One event of a run, as an object of its own."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

RUN_STARTED = "run-started"
RUN_FINISHED = "run-finished"


@dataclass(frozen=True)
class Event:
    """Something that happened in a run.

    Attributes:
        seq: from 1, without gaps.
        kind: `run-started`, `step-done`, …
        at: UTC, ISO 8601 with milliseconds.
        session: names the process that wrote it.
        offset: seconds on that process's monotonic clock since it opened the journal. Two offsets
            of one session tell a duration even when the wall clock was set in between.
        facts: plain JSON, no secrets.
        nonce: makes the object one of a kind, so that a lost answer can be settled.
    """

    seq: int
    kind: str
    at: str
    session: str
    offset: float
    facts: Mapping[str, Any]
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, body: bytes) -> "Event":
        return cls(**json.loads(body))
