"""What a drill has cost goes by what was there, from before it was asked for until it was gone."""

from typing import Any

import pytest

from liferaft.moves.drill_spending import Meter, Spent
from liferaft.moves.runner import StepEvent
from liferaft.moves.trial_costs import HourlyCost

BY_THE_SECOND = HourlyCost(3600.0, "USD", address=360.0, least_seconds=1)
BY_THE_HOUR = HourlyCost(0.50, "EUR", address=0.01)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def meter(clock: Clock) -> Meter:
    return Meter(clock)


def heard(meter: Meter, kind: str, step: str) -> None:
    meter.hear(StepEvent(kind, step, "", {}))


def test_servers_and_the_address_count_each_from_its_own_beginning(
    meter: Meter, clock: Clock
) -> None:
    heard(meter, "started", "reserve")
    clock.now += 10
    heard(meter, "started", "servers")
    clock.now += 100
    meter.stop()
    clock.now += 1000
    found = meter.spent(BY_THE_SECOND)
    assert found.amount == pytest.approx(100 * 1.0 + 110 * 0.1)
    assert (found.currency, found.seconds, found.is_over) == ("USD", 100.0, True)


def test_a_drill_that_was_refused_before_it_made_anything_costs_nothing(meter: Meter) -> None:
    heard(meter, "started", "clean")
    meter.stop()
    assert meter.spent(BY_THE_HOUR).amount == 0.0
    assert meter.spent(HourlyCost(None, "EUR")).amount == 0.0


def test_servers_that_failed_to_come_are_counted_all_the_same(meter: Meter, clock: Clock) -> None:
    heard(meter, "started", "servers")
    heard(meter, "failed", "servers")
    clock.now += 60
    meter.stop()
    assert meter.spent(BY_THE_HOUR).amount == 0.50


def test_what_is_not_known_to_be_deleted_costs_on(meter: Meter, clock: Clock) -> None:
    heard(meter, "started", "servers")
    clock.now += 60
    said = meter.spent(BY_THE_HOUR).sentence
    assert "SO FAR" in said
    assert "not known to be deleted" in said


def test_without_a_price_the_time_is_told(meter: Meter, clock: Clock) -> None:
    heard(meter, "started", "servers")
    clock.now += 90
    meter.stop()
    found = meter.spent(HourlyCost(None, "EUR"))
    assert found.amount is None
    assert found.sentence == (
        "This drill's servers were there for 1.5 min; what they cost is not known."
    )


def test_the_journal_has_figures_and_the_sentence_that_a_report_shows() -> None:
    told: dict[str, Any] = Spent(0.51, "EUR", 90.0, is_over=True).to_json()
    assert (told["amount"], told["currency"], told["server_seconds"]) == (0.51, "EUR", 90.0)
    assert "cost about 0.51 EUR" in told["sentence"]
