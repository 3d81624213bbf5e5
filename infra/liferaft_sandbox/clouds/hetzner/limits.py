"""The rate limit: https://docs.hetzner.cloud/reference/cloud#rate-limiting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 3600
"""Requests an hour and project; one comes back each second."""


class RateLimit:
    """`clock` gives seconds since the epoch."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = float(LIMIT)
        self._asked = clock()

    def spend(self) -> bool:
        """Count one request; False when none was left."""
        now = self._clock()
        self._left = min(LIMIT, self._left + max(0.0, now - self._asked))
        self._asked = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def headers(self) -> dict[str, str]:
        """What every answer tells about the limit; Reset is when it is full again."""
        full = math.ceil(self._asked + LIMIT - self._left)
        return {
            "RateLimit-Limit": str(LIMIT),
            "RateLimit-Remaining": str(int(self._left)),
            "RateLimit-Reset": str(full),
        }
