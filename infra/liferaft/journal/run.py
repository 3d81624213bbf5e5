"""What names a run, and where its events are."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from liferaft.vault import layout

_NAME = re.compile(r"(\d{8,})-([\w-]+)")


@dataclass(frozen=True, order=True)
class RunName:
    """A run under the epoch in which it began. Names sort by epoch, then by time of beginning.

    among: where its folder is, `layout.RUNS` or `layout.DRILL_RUNS`.
    """

    epoch: int
    run: str
    among: str = field(default=layout.RUNS, kw_only=True)

    @classmethod
    def new(cls, epoch: int, now: datetime | None = None) -> "RunName":
        """A name that no other run has: time to the millisecond, and 32 random bits."""
        now = now or datetime.now(UTC)
        text = now.strftime("%Y%m%dT%H%M%S") + f"{now.microsecond // 1000:03}Z"
        return cls(epoch, f"{text}-{secrets.token_hex(4)}")

    @classmethod
    def parse(cls, text: str, among: str = layout.RUNS) -> "RunName":
        """The name that `str` wrote. Raises ValueError for what is none."""
        found = _NAME.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no name of a run")
        return cls(int(found[1]), found[2], among=among)

    @staticmethod
    def is_one(text: str) -> bool:
        """Whether this is the name of a run: other things may lie beside them."""
        return _NAME.fullmatch(text) is not None

    def __str__(self) -> str:
        return f"{layout.digits(self.epoch)}-{self.run}"

    @property
    def folder(self) -> str:
        """`runs/00000001-20261122T140000000Z-1a2b3c4d`."""
        return layout.run(str(self), self.among)

    def key(self, seq: int) -> str:
        """The key of an event."""
        return layout.event(str(self), seq, self.among)

    def report(self, form: str) -> str:
        """The key of its report."""
        return layout.report(str(self), form, self.among)

    def seq(self, key: str) -> int | None:
        """The number of the event at a key; None for what is no event of this run."""
        return layout.event_number(str(self), key, self.among)
