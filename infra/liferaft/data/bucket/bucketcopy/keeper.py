"""What is new in the site's bucket goes into the vault, again and again."""

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from .task import Task
from .to_vault import Pass, ToVault

LEAST: Final = 1.0
MOST: Final = 10.0
"""Seconds of a pause."""
_LONGER: Final = 2.0
RELISTED: Final = 600.0
"""Seconds after which the vault is listed again: others may have taken something away."""


def keep(task: Task, pause: Callable[[float], object] = time.sleep) -> None:
    """Never returns. Raises what a pass raises: whoever started this starts it anew.

    After each pass `kept/VAULT/NAME` holds the moment at which it BEGAN (Unix seconds, six
    decimals): the vault has every object that was stored before, but for those that are told. The
    database's archiver waits for it. A pass to which the site gave nothing, though it was asked, says nothing.
    """
    copies = ToVault(task.site, task.vault, task.prefixes[0], task.seal)
    took: deque[float] = deque(maxlen=5)
    relisted, told = -RELISTED, set[str]()
    while True:
        start = time.monotonic()
        if start - relisted >= RELISTED:
            copies.list_vault()
            relisted = start
        told = _pass(task, copies, told)
        took.appendleft(time.monotonic() - start)
        pause(pause_after(took))


def pause_after(took: Sequence[float]) -> float:
    """Seconds, from those that the last passes took, the last one first.

    Twice the usual pass, so that a large bucket is not listed without pause. The usual one is the
    shortest: one that waited for a dead line is no measure. After it, or after one with much to
    copy, there is no pause at all: what was stored meanwhile and the archive wait. Pure.
    """
    usual = min(took)
    if took[0] > 2 * usual + _LONGER:
        return 0.0
    return min(max(2 * usual, LEAST), MOST)


def _pass(task: Task, copies: ToVault, told: set[str]) -> set[str]:
    """One, of which nothing stays in memory but what was told."""
    began = time.time()
    came = copies.run()
    if not came.is_in_doubt:
        task.write(f"kept/{task.vault_name}/{task.name}", f"{began:.6f}\n", mode=0o644)
    return _tell(came, told)


def _tell(came: Pass, told: set[str]) -> set[str]:
    """Says once what is left out; returns what is known to be."""
    for key in sorted(came.left_out.keys() - told):
        sys.stderr.write(f"left out: {key!r}: {came.left_out[key]}\n")
    sys.stderr.flush()
    return set(came.left_out)
