"""Waiting ends: with the thing that was waited for, or at the deadline."""

import time

from liferaft.moves.polling import until


async def test_what_holds_at_once_is_asked_once() -> None:
    asked = 0

    async def holds() -> bool:
        nonlocal asked
        asked += 1
        return True

    assert await until(holds, seconds=0.0)
    assert asked == 1


async def test_what_comes_to_hold_is_waited_for() -> None:
    answers = iter([False, False, True])

    async def holds() -> bool:
        return next(answers)

    assert await until(holds, seconds=5.0, every=0.001)


async def test_what_never_holds_is_given_up_at_the_deadline() -> None:
    async def never() -> bool:
        return False

    began = time.monotonic()
    assert not await until(never, seconds=0.05, every=0.01)
    assert time.monotonic() - began < 1.0
