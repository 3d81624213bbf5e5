"""A kind of data that tests alone know: a jukebox of tapes, which a server's robot changes."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pydantic import Field, StrictInt

from liferaft.config.data import DataConfig
from liferaft.config.problems import Finding
from liferaft.data.registry import CONFIGS


class Tape(DataConfig):
    """Its keys, and what it says to the rest of the file."""

    CALLED: ClassVar[str] = "jukebox"
    RUNS: ClassVar[str | None] = "robot"
    MOST: ClassVar[int | None] = 2
    APP_NAMES_TAKEN: ClassVar[Mapping[str, str]] = {"noise": "is what tapes are full of"}

    speed: StrictInt = Field(default=19, ge=1, description="centimetres in a second")

    def findings(self, name: str, sections: Mapping[str, Any]) -> Iterator[Finding]:
        """Fast tapes are short."""
        if self.speed > 38 and "servers" in sections:
            yield Finding(("data", name, "speed"), "the tape ends before the song", "38 or less")


class Shelf(DataConfig):
    """Objects of another sort in the site's bucket."""

    IN_BUCKET: ClassVar[bool] = True


KINDS: Mapping[str, type[DataConfig]] = {**CONFIGS, "tape": Tape, "shelf": Shelf}
ROBOT = '[servers.deck]\ncpus = 1\nmemory = "1GiB"\nruns = ["robot"]\n'
SONGS = '[data.songs]\nkind = "tape"\n'
