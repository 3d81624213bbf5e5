"""The crowd's bound, and its end."""

import asyncio

from liferaft_sandbox.users.crowd import Turns, cancel_all


async def test_turns_are_apart_however_many_wait() -> None:
    turns, taken = Turns(per_second=100.0), list[float]()
    began = asyncio.get_running_loop().time()  # any one of them may notice its turn late

    async def person() -> None:
        for _ in range(3):
            await turns.wait()
            taken.append(asyncio.get_running_loop().time())

    await asyncio.gather(*(person() for _ in range(4)))
    assert len(taken) == 12
    assert taken[-1] - began >= 0.105


async def test_a_pause_is_not_made_up_for_by_a_burst() -> None:
    turns = Turns(per_second=100.0)
    await turns.wait()
    await asyncio.sleep(0.05)
    start = asyncio.get_running_loop().time()
    for _ in range(3):
        await turns.wait()
    assert asyncio.get_running_loop().time() - start >= 0.018


async def test_a_user_who_is_stopped_in_the_moment_of_an_answer_stops_too() -> None:
    answer = asyncio.get_running_loop().create_future()
    answered = asyncio.Event()

    async def user() -> None:
        await asyncio.wait_for(answer, 60)
        answered.set()
        await asyncio.Event().wait()  # the rest of a life

    acting = asyncio.create_task(user())
    await asyncio.sleep(0)
    answer.set_result(None)
    await asyncio.wait_for(cancel_all([acting]), 10)
    assert acting.cancelled()
    assert answered.is_set(), "the first cancellation was not lost: this test tries nothing"
