"""What of a volume is in each vault not yet, asked of the server that has it."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from liferaft.data.exposure import Backlog
from liferaft.data.volume.program import STATES
from liferaft.remote.acts import act
from liferaft.remote.contract import Host

_SECONDS: Final = 10.0
_ASK: Final = f"""
date +%s.%N
cd {STATES} 2>/dev/null || exit 0
for state in *:"$1"; do
    [ ! -f "$state" ] || echo "$state $(cat "$state")"
done
"""


@dataclass(frozen=True)
class VolumeLag:
    """One vault. Seconds are ages by the server's own clock. behind: what was written before is
    there; None: nothing is. noted: since the keeper said something."""

    vault: str
    noted: float
    behind: float | None
    failing: str

    @property
    def has_said(self) -> bool:
        """Whether its keeper was through once, well or not."""
        return self.behind is not None or bool(self.failing)

    @property
    def backlog(self) -> Backlog:
        """The same as of any kind of data."""
        why = self.failing or None
        if self.behind is None:
            return Backlog(self.vault, why=why or "no copy there is whole yet")
        if why is None and self.behind > self.noted + 1:
            why = f"its keeper has said nothing for {timedelta(seconds=round(self.noted))}"
        return Backlog(self.vault, self.behind, why=why)


async def ask(host: Host, name: str) -> tuple[Backlog, ...]:
    """By vault."""
    return tuple(one.backlog for one in await lags(host, name))


async def lags(host: Host, name: str) -> tuple[VolumeLag, ...]:
    """What each keeper of the volume noted last."""
    argv = ["bash", "-c", _ASK, "-", name]
    return lags_in(await act(host, argv, doing="Asking how far copies are", deadline=_SECONDS))


def lags_in(said: str) -> tuple[VolumeLag, ...]:
    """From what the server answered. A note that is none is left out. Pure."""
    clock, *rows = said.splitlines() or ["0"]
    return tuple(_lags(float(clock), rows))


def _lags(now: float, rows: list[str]) -> Iterator[VolumeLag]:
    for row in rows:
        file, _, text = row.partition(" ")
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(text)
            until = told["until"]
            behind = None if until is None else max(0.0, now - float(until))
            yield VolumeLag(
                file.partition(":")[0],
                max(0.0, now - float(told["at"])),
                behind,
                str(told["failing"]),
            )
