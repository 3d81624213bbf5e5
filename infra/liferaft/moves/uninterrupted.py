"""What an interrupt asks for is not ended by one."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


async def to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Wait for `work`, and heed no cancellation meanwhile; what it raises is raised.

    A second Ctrl-C ends it all the same: asyncio leaves its loop then, and cancels every task
    (https://docs.python.org/3/library/asyncio-runner.html#handling-keyboard-interruption).
    """
    task = asyncio.create_task(work)
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)
    task.result()
