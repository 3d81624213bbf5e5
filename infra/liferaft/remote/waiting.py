"""Waiting with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def wait_until(
    holds: Callable[[], Awaitable[bool]], *, seconds: float, every: float = 0.25
) -> bool:
    """Whether `holds` became true within `seconds`, asked every so often."""
    end = time.monotonic() + seconds
    while not await holds():
        if time.monotonic() + every > end:
            return False
        await asyncio.sleep(every)
    return True
