"""What name servers answer, asked of a real one."""

from typing import Any

import pytest

from liferaft.dns import resolvers, switch
from liferaft.dns.failures import NotYetAnswered
from liferaft.dns.records import OwnRecords
from liferaft.dns.resolvers import Answer, NameServer, answers, tail_seconds, wait_authoritative

OLD, NEW = "192.0.2.100", "198.51.100.100"
PATIENCE = 60.0
"""Seconds for a server that answers at once, on a busy machine too."""
ONE, TWO = NameServer("203.0.113.1"), NameServer("203.0.113.2")


def test_the_tail_is_as_long_as_the_longest_memory_of_the_old_address() -> None:
    found = [Answer(ONE, (OLD,), 42), Answer(TWO, (OLD,), 7), Answer(TWO, (NEW,), 60)]
    assert tail_seconds(found, [NEW]) == 42


def test_servers_that_know_nothing_have_no_tail() -> None:
    assert tail_seconds([Answer(ONE, problem="NXDOMAIN"), Answer(TWO, (NEW,), 60)], [NEW]) == 0


@pytest.mark.sandbox
async def test_a_name_server_of_the_zone_answers_with_authority(powerdns: Any) -> None:
    powerdns.create_zone("asked.test", [("asked.test", "A", OLD)])
    found, unknown = (
        await answers("asked.test", [powerdns.name_server], timeout=PATIENCE),
        await answers("nowhere.asked.test", [powerdns.name_server], timeout=PATIENCE),
    )
    assert found == (Answer(powerdns.name_server, (OLD,), 60, authoritative=True),)
    assert unknown[0].problem == "NXDOMAIN"


@pytest.mark.sandbox
async def test_waiting_ends_when_the_switch_is_served(
    powerdns: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers, "QUERY_SECONDS", PATIENCE)
    powerdns.create_zone("waited.test", [("waited.test", "A", OLD)])
    with monkeypatch.context() as patched:
        # No second question would fit in: the first answer ends the wait, however late it is.
        patched.setattr(resolvers, "EVERY_SECONDS", 2 * PATIENCE)
        with pytest.raises(NotYetAnswered) as caught:
            await wait_authoritative(
                "waited.test", [NEW], [powerdns.name_server], deadline=PATIENCE
            )
    assert OLD in caught.value.facts.details["answers"]
    wanted = OwnRecords("waited.test", "waited.test", (NEW,), 60)
    await switch.apply([powerdns.vendor], wanted, deadline=PATIENCE)
    found = await wait_authoritative(
        "waited.test", [NEW], [powerdns.name_server], deadline=PATIENCE
    )
    assert found[0].addresses == (NEW,)


async def test_a_server_that_is_not_there_is_an_answer_with_a_problem() -> None:
    (answer,) = await answers("chirp.test", [NameServer("127.0.0.1", 1)], timeout=0.5)
    assert answer.addresses == ()
    assert answer.problem


async def test_the_last_question_has_time_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def answers(*_: object, timeout: float) -> tuple[Answer, ...]:
        asked.append(timeout)
        return (Answer(ONE, (OLD,)),)

    monkeypatch.setattr(resolvers, "answers", answers)
    with pytest.raises(NotYetAnswered, match="Waited 0 s"):
        await resolvers.wait_for("late.test", [NEW], [ONE], deadline=0)
    assert asked == [resolvers.LAST_QUERY_SECONDS]
