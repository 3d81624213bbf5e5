"""Waiting ends: with the thing that was waited for, or at the deadline."""

from types import SimpleNamespace

import pytest

from liferaft.remote import waiting
from liferaft.remote.waiting import wait_until


async def test_what_holds_at_once_is_asked_once() -> None:
    asked = 0

    async def holds() -> bool:
        nonlocal asked
        asked += 1
        return True

    assert await wait_until(holds, seconds=0.0)
    assert asked == 1


async def test_what_comes_to_hold_is_waited_for() -> None:
    answers = iter([False, False, True])

    async def holds() -> bool:
        return next(answers)

    assert await wait_until(holds, seconds=60.0, every=0.001)


async def test_what_never_holds_is_given_up_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, asked_at = 0.0, list[float]()

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def never() -> bool:
        asked_at.append(now)
        return False

    monkeypatch.setattr(waiting, "time", SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(waiting, "asyncio", SimpleNamespace(sleep=sleep))
    assert not await wait_until(never, seconds=1.0, every=0.25)
    assert asked_at == [0.0, 0.25, 0.5, 0.75, 1.0]
