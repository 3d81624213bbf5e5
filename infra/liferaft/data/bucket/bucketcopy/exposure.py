"""What of a bucket is not in the vault now: a file on the host, which `liferaft status` reads.

It holds numbers and no names. It is written every few seconds, also while a pass goes on or waits
for a store that is silent: one that is old says that the keeper is not at work.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Final, Self

from .census import missing_in
from .passes import Passes
from .shelf import moment_of
from .task import Task

EVERY: Final = 5.0
"""Seconds between two writings."""


class Exposure:
    """The file, for as long as this is entered; what ends it is noted there."""

    def __init__(self, task: Task, passes: Passes) -> None:
        self._task, self._passes = task, passes
        self.kept_until = _kept_until(task)
        """As the archiver is told."""
        self.named: Callable[[], Mapping[str, float]] = dict
        """Objects that rows name and that are not in the vault yet: since when."""
        self._turn, self._ends = Lock(), Event()
        self._writer = Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(
        self, _: type[BaseException] | None, failure: BaseException | None, __: TracebackType | None
    ) -> None:
        self._ends.set()
        self._writer.join()
        self.write(failing=str(failure or ""))

    def write(self, *, failing: str = "") -> None:
        """A disk that is full must not end the keeper: then the file grows old."""
        with self._turn, suppress(OSError):
            told = json.dumps(self._told(failing), sort_keys=True)
            self._task.write(f"manifests/{self._task.instance}.exposure", f"{told}\n")

    def _go_on(self) -> None:
        while not self._ends.wait(EVERY):
            self.write()

    def _told(self, failing: str) -> Mapping[str, object]:
        """Moments are Unix seconds. `objects` and `bytes` are a lower bound until `is_whole`: while
        the bucket is listed, what comes later in the listing is not known. Of what only a row names
        no size is known."""
        lacking = self._passes.to_vault.lacking.copy()
        named = self.named()
        since = {key: moment_of(one.modified) for key, one in lacking.items()}
        since |= {key: min(at, since.get(key, at)) for key, at in named.items()}
        passed = self._passes.ended
        return {
            "at": time.time(),
            "kept_until": self.kept_until,
            "objects": len(since),
            "bytes": sum(one.size for one in lacking.values()),
            "oldest": min(since.values(), default=None),
            "is_whole": self._passes.to_vault.is_listed,
            "passed": passed or None,
            "missing": missing_in(self._passes),
            "failing": failing or self._passes.failing,
        }


def _kept_until(task: Task) -> float | None:
    """As a keeper before this one noted it."""
    with suppress(OSError, ValueError):
        return float((task.state / "kept" / task.vault_name / task.name).read_text())
    return None
