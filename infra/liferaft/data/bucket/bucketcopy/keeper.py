"""What is new in the site's bucket goes into the vault, again and again."""

import time
from collections import deque
from collections.abc import Callable
from typing import Final, NoReturn

from .census import Census
from .exposure import Exposure
from .feed import Feed
from .following import Following
from .passes import Hourly, Passes, pause_after
from .rows import Rows
from .task import Task

EVERY: Final = 1.0
"""Seconds between two readings of rows."""


def keep(task: Task, pause: Callable[[float], object] = time.sleep) -> NoReturn:
    """Never returns. Raises what a pass raises: whoever started this starts it anew.

    `kept/VAULT/NAME` holds a moment (Unix seconds, six decimals). The database's archiver waits for
    it. Without queries for rows it is the beginning of the last pass: the vault has every object
    that was stored before, but for those that are told. With them, the vault has what any row names
    that was committed before. Until a first pass by listing is through there is none.
    """
    passes = Passes(task)
    with Exposure(task, passes) as told:
        if task.rows is not None:
            _follow(task, task.rows, passes, told, pause)
        took: deque[float] = deque(maxlen=5)
        while True:
            start = time.monotonic()
            moment = passes.run()
            if moment is not None:
                _note_kept(task, moment, told)
            took.appendleft(time.monotonic() - start)
            pause(pause_after(took))


def _follow(
    task: Task, rows: Rows, passes: Passes, told: Exposure, pause: Callable[[float], object]
) -> NoReturn:
    following = Following(
        lambda now: Feed(rows, task.references, passes.held, now), passes.to_vault.take
    )
    told.named = following.waiting
    hourly, census, noted = Hourly(passes), Census(task, rows, passes), 0.0
    while True:
        now = time.time()
        moment = following.step(now)
        listed = hourly.step(now, following)
        if moment is None or not hourly.covers_all_before(following):
            moment = listed
        else:
            census.step(now)
        if moment is not None and moment > noted:
            _note_kept(task, moment, told)
            noted = moment
        pause(max(EVERY - (time.time() - now), EVERY / 10))


def _note_kept(task: Task, moment: float, told: Exposure) -> None:
    task.write(f"kept/{task.vault_name}/{task.name}", f"{moment:.6f}\n", mode=0o644)
    told.kept_until = moment
