"""What those are told who did not see a drill: the reason, in a sentence."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.evidence.drills import play

from liferaft.evidence import drill_alarms
from liferaft.evidence.drills_played import drills_played
from liferaft.failures import Failure, Held
from liferaft.moves.drill_verdict import DrillVerdict
from liferaft.vault import Vault

NOW = datetime(2026, 11, 30, 3, 17, tzinfo=UTC)


def of(verdict: DrillVerdict) -> list[str]:
    return list(drill_alarms.of_verdict(verdict))


def test_a_failed_drill_tells_why() -> None:
    verdict = DrillVerdict("run", "north", failure=Failure("Step prove failed: it answers 500"))
    assert of(verdict) == [
        "A failover to north would not have worked: Step prove failed: it answers 500."
    ]


def test_one_of_the_data_alone_that_failed_says_nothing_of_the_application() -> None:
    failure = Failure("Step restore failed: its backup is damaged")
    (said,) = of(DrillVerdict("run", "north", failure=failure, data_only=True))
    assert said.startswith("Bringing the data back at north would not have worked: Step restore")


def test_one_that_missed_its_targets_tells_by_how_much() -> None:
    (said,) = of(DrillVerdict("run", "north", rto=99.0, missed=("RTO was 99.0 s",)))
    assert said.endswith("not as [targets] asks: RTO was 99.0 s.")


def test_one_of_the_data_alone_says_what_it_was_a_trial_of() -> None:
    (said,) = of(DrillVerdict("run", "north", failure=Failure("no"), data_only=True))
    assert said == "Bringing the data back at north would not have worked: no."


def test_one_that_gave_way_to_a_real_move_tells_nothing() -> None:
    failure = Failure("gave way")
    failure.__cause__ = Held("a failover is under way")
    assert of(DrillVerdict("run", "north", failure=failure)) == []
    assert list(drill_alarms.of_failure(Held("another drill"))) == []


def test_what_may_be_left_is_told_whatever_came_of_it() -> None:
    failure = Failure("gave way")
    failure.__cause__ = Held("a failover is under way")
    left = Failure("server 7 could not be deleted")
    (said,) = of(DrillVerdict("run", "north", failure=failure, left=left))
    assert "server 7 could not be deleted. `liferaft drill --clean`" in said


def test_a_good_one_tells_nothing() -> None:
    assert of(DrillVerdict("run", "north", rto=40.0)) == []


@pytest.fixture
def usual(vault: Vault) -> Vault:
    """Five drills that took 40 to 44 seconds."""
    for number in range(5):
        play(vault, NOW - timedelta(days=7 * (6 - number)), rto=40.0 + number)
    return vault


def slow(vault: Vault, run: str) -> list[str]:
    return list(drill_alarms.of_slow(DrillVerdict(run, "north"), drills_played(vault)))


def test_one_that_was_slower_than_usual_says_by_how_much(usual: Vault) -> None:
    name = play(usual, NOW, rto=99.0)
    assert slow(usual, str(name)) == [
        "The drill of north came back after 1 min 39 s, slower than 95 % of those before it (44 s)."
    ]


def test_one_as_fast_as_usual_says_nothing_and_neither_does_one_after_a_slow_one(
    usual: Vault,
) -> None:
    play(usual, NOW - timedelta(days=1), rto=99.0)
    name = play(usual, NOW, rto=43.0)
    assert slow(usual, str(name)) == []
    assert slow(usual, "another one, whose journal nobody has") == []


def test_the_message_says_where_to_read_on() -> None:
    assert drill_alarms.message(["It failed."], "00000001-x") == (
        "It failed. Its report: `liferaft report show 00000001-x`."
    )
    assert drill_alarms.message(["It failed."], "") == "It failed."
