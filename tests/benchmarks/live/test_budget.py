"""What a run may cost: high estimates, asked before each thing."""

import pytest
from benchmarks.live.budget import Budget, BudgetReached, DeadlineReached
from tests.benchmarks.live.modelled import Clock

from liferaft.clouds.prices import PriceList


def budget(limit: float, clock: Clock, *, least_seconds: int = 3600) -> Budget:
    return Budget(limit, 2 * 3600, PriceList("EUR", "here", least_seconds=least_seconds), clock)


def test_what_is_there_is_counted_until_the_deadline() -> None:
    clock = Clock()
    ours = budget(5, clock)
    assert ours.require("server", 0.5) == pytest.approx(1.0)
    ours.begin("token", 0.5)
    clock.now = 1800
    assert ours.estimate == pytest.approx(1.0)


def test_what_is_gone_is_counted_by_whole_units() -> None:
    clock = Clock()
    for least, expected in ((3600, 1.0), (60, 61 / 60)):
        clock.now = 0
        ours = budget(5, clock, least_seconds=least)
        ours.begin("token", 1.0)
        clock.now = 3600 if least == 3600 else 3601
        ours.end("token")
        assert ours.estimate == pytest.approx(expected)


def test_what_goes_on_after_the_deadline_is_counted_on() -> None:
    clock = Clock()
    ours = budget(5, clock)
    ours.begin("token", 1.0)
    clock.now = 3 * 3600
    assert ours.estimate == pytest.approx(3.0)


def test_a_thing_that_is_made_again_is_counted_once_and_a_second_one_twice() -> None:
    clock = Clock()
    ours = budget(5, clock)
    for token in ("one", "one", "two"):
        ours.begin(token, 0.5)
    assert ours.estimate == pytest.approx(2.0)
    ours.end("one")
    ours.begin("one", 0.5)
    assert ours.estimate == pytest.approx(2.5)


def test_more_than_the_limit_is_refused_with_both_figures() -> None:
    ours = budget(1.5, Clock())
    ours.begin("token", 0.5)
    with pytest.raises(BudgetReached, match=r"2\.0000 EUR; with 1\.0000.*1\.5 EUR") as refused:
        ours.require("another server", 1.0)
    assert "BUDGET" in refused.value.facts.do


def test_nothing_is_begun_after_the_deadline() -> None:
    clock = Clock()
    ours = budget(5, clock)
    clock.now = 2 * 3600
    with pytest.raises(DeadlineReached, match="120 minutes"):
        ours.require("server", 0.0)
