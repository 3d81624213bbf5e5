"""What is put in order is put in order whole, whoever interrupts meanwhile."""

import asyncio

import pytest

from liferaft.failures import Failure
from liferaft.moves.uninterrupted import to_its_end


async def test_an_interrupt_meanwhile_ends_nothing_and_neither_does_the_next_one() -> None:
    begun, steps = asyncio.Event(), list[str]()

    async def order() -> None:
        begun.set()
        await asyncio.sleep(0.2)
        steps.append("deleted")

    task = asyncio.create_task(to_its_end(order()))
    await begun.wait()
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0.01)
    await task
    assert steps == ["deleted"]


async def test_what_could_not_be_put_in_order_is_told() -> None:
    async def order() -> None:
        raise Failure("the vendor says no")

    with pytest.raises(Failure, match="the vendor says no"):
        await to_its_end(order())


async def test_what_is_ended_itself_ends_who_waits_for_it() -> None:
    """As at a second Ctrl-C, when every task is."""

    async def order() -> None:
        await asyncio.Event().wait()

    waiting = asyncio.create_task(to_its_end(order()))
    await asyncio.sleep(0.01)
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, 5)
