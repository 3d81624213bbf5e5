"""What names a run, and where its events are."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

RUNS = "runs"


@dataclass(frozen=True, order=True)
class RunName:
    """A run under the epoch in which it began. Names sort by epoch, then by time of beginning."""

    epoch: int
    run: str

    @classmethod
    def new(cls, epoch: int, now: datetime | None = None) -> "RunName":
        """A name that no other run has: time to the millisecond, and 32 random bits."""
        now = now or datetime.now(UTC)
        text = now.strftime("%Y%m%dT%H%M%S") + f"{now.microsecond // 1000:03}Z"
        return cls(epoch, f"{text}-{secrets.token_hex(4)}")

    @classmethod
    def parse(cls, text: str) -> "RunName":
        """The name that `str` wrote."""
        epoch, _, run = text.partition("-")
        return cls(int(epoch), run)

    def __str__(self) -> str:
        return f"{self.epoch:08}-{self.run}"

    @property
    def folder(self) -> str:
        """`runs/00000001-20261122T140000000Z-1a2b3c4d`."""
        return f"{RUNS}/{self}"

    def key(self, seq: int) -> str:
        """The key of an event."""
        return f"{self.folder}/{seq:06}.json"
