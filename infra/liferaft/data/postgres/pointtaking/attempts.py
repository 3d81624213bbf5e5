"""Trials that were begun and came to no end, noted on this server's disk.

Each fetches the whole database from its vault, which a vendor bills: what did not come to its end
is tried again, and not every half hour for ever.
"""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

PAUSE = 6 * 3600.0
"""Seconds between the beginnings of two trials of one vault, of which the first came to no end."""


class Attempts:
    """folder: where they are noted, a file for each vault; empty where nothing is."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder) if folder else None

    def is_fresh(self, vault: str, now: datetime) -> bool:
        """Whether one was begun a short while ago. A note from the future counts for nothing."""
        with suppress(OSError, ValueError):
            if self._folder is not None:
                begun = float((self._folder / vault).read_text())
                return 0 <= now.timestamp() - begun < PAUSE
        return False

    def begin(self, vault: str, now: datetime) -> None:
        """A disk that is full keeps nothing from being tried."""
        with suppress(OSError):
            if self._folder is not None:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                (self._folder / vault).write_text(f"{now.timestamp():.0f}\n")

    def end(self, vault: str) -> None:
        with suppress(OSError):
            if self._folder is not None:
                (self._folder / vault).unlink(missing_ok=True)
