"""What names a run, and where its events are."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from liferaft.vault import layout

_NAME = re.compile(r"(\d{8,})-([\w-]+)")


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
        """The name that `str` wrote. Raises ValueError for what is none."""
        found = _NAME.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no name of a run")
        return cls(int(found[1]), found[2])

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether this is the name of a run: other things may lie beside them."""
        return _NAME.fullmatch(text) is not None

    def __str__(self) -> str:
        return f"{layout.digits(self.epoch)}-{self.run}"

    @property
    def folder(self) -> str:
        """`runs/00000001-20261122T140000000Z-1a2b3c4d`."""
        return layout.run(str(self))

    def key(self, seq: int) -> str:
        """The key of an event."""
        return layout.event(str(self), seq)

    def seq(self, key: str) -> int | None:
        """The number of the event at a key; None for what is no event of this run."""
        return layout.event_number(str(self), key)
