"""A run against the modelled cloud that is told to end, and told again while it cleans up.

`signalled.py FOLDER NUMBER`, in a process of its own: it says how many things it was holding when
the signal came, and how many at its end.
"""

import atexit
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.live.ending import end_orderly
from tests.benchmarks.live.modelled import Played
from tests.models.cloud import CloudModel, Things

from liferaft.clouds.contract import Resource
from liferaft.clouds.kinds import KINDS

FOLDER, NUMBER = Path(sys.argv[1]), int(sys.argv[2])


def told_to_end() -> None:
    os.kill(os.getpid(), NUMBER)


@dataclass
class Interrupting(Things):
    """Whoever deletes is told to end once more."""

    def delete(self, ident: str) -> None:
        told_to_end()
        super().delete(ident)


@dataclass
class InterruptingCloud(CloudModel):
    """Implements Cloud."""

    @property
    def kinds(self) -> Mapping[str, Resource[Any, Any]]:
        return {kind: Interrupting(self, kind) for kind in KINDS}


played = Played(FOLDER, InterruptingCloud())


def in_the_middle() -> None:
    sys.stdout.write(f"{len(played.cloud.holds.things)} ")
    told_to_end()


played.reach.at_login = in_the_middle
atexit.register(lambda: sys.stdout.write(f"{len(played.cloud.holds.things)}"))
end_orderly()
played.play()
