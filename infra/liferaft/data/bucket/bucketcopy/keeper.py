"""What is new in the site's bucket goes into the vault, again and again."""

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

from .manifest import Manifest
from .settling import Settled, Settling
from .task import Task
from .to_vault import Pass, ToVault

LEAST: Final = 1.0
MOST: Final = 10.0
"""Seconds of a pause."""
_LONGER: Final = 2.0
RELISTED: Final = 86_400.0
"""Seconds after which the vault is listed again: others may have taken something away."""


def keep(task: Task, pause: Callable[[float], object] = time.sleep) -> None:
    """Never returns. Raises what a pass raises: whoever started this starts it anew.

    After each pass `kept/VAULT/NAME` holds the moment at which it BEGAN (Unix seconds, six
    decimals): the vault has every object that was stored before, but for those that are told. The
    database's archiver waits for it. A pass to which the site gave nothing, though it was asked,
    says nothing.
    """
    copies = Passes(task)
    took: deque[float] = deque(maxlen=5)
    while True:
        start = time.monotonic()
        copies.pass_once()
        took.appendleft(time.monotonic() - start)
        pause(pause_after(took))


class Passes:
    """Passes by listing, one after the other. Nothing stays in memory but what was told."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.held = Manifest(task.prefixes[0], task.state / "manifests" / task.instance)
        there = (task.vault, task.prefixes[0], task.seal)
        self.to_vault = ToVault(task.site, *there, self.held)
        self._settling = Settling(*there, self.held)
        self._told = set[str]()
        self._vanished = False

    def pass_once(self) -> None:
        """One, and what follows from its listing."""
        if not 0 <= time.time() - self.held.listed < RELISTED:
            self.to_vault.list_vault()
            self._settling.purge(time.time(), self._task.keep_deleted)
        began = time.time()
        came = self.to_vault.run()
        if not came.is_in_doubt:
            note_kept(self._task, began)
        self._told = _tell(came, self._told)
        self._tell_vanished(self._settling.settle(time.time()))

    def _tell_vanished(self, settled: Settled) -> None:
        """Says once that a bucket is emptied, or looks so."""
        if settled.vanished and not self._vanished:
            sys.stderr.write(
                f"MORE THAN HALF OF BUCKET {self._task.name} IS MISSING at the site:"
                f" {settled.vanished} of {settled.of} objects. Vault {self._task.vault_name} keeps"
                " all of them. They count as deleted if they are still missing in an hour.\n"
            )
            sys.stderr.flush()
        self._vanished = bool(settled.vanished)


def note_kept(task: Task, moment: float) -> None:
    """The vault has what it has to have of before this moment."""
    task.write(f"kept/{task.vault_name}/{task.name}", f"{moment:.6f}\n", mode=0o644)


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


def _tell(came: Pass, told: set[str]) -> set[str]:
    """Says once what is left out; returns what is known to be."""
    for key in sorted(came.left_out.keys() - told):
        sys.stderr.write(f"left out: {key!r}: {came.left_out[key]}\n")
    sys.stderr.flush()
    return set(came.left_out)
