"""What a drill may cost is known before it, and one that costs more than is allowed is refused."""

import pytest

from liferaft.config import Config
from liferaft.config.drills import DrillConfig
from liferaft.moves.trial_costs import (
    DrillTooCostly,
    HourlyCost,
    _in_table,
    require_affordable,
    unpriced,
)

KNOWN = HourlyCost(0.10, "EUR", address=0.01)
UNKNOWN = HourlyCost(None, "EUR")


def allowing(config: Config, most: float | None, **hourly: float) -> Config:
    told = DrillConfig(max_cost=most, hourly_costs=hourly)
    return config.model_copy(update={"drill": told})


def test_a_drill_that_may_cost_more_than_is_allowed_is_refused_with_both_amounts(
    config: Config,
) -> None:
    require_affordable(KNOWN, 2, allowing(config, 0.22))
    with pytest.raises(DrillTooCostly) as raised:
        require_affordable(KNOWN, 2, allowing(config, 0.21))
    assert "may cost 0.22 EUR" in raised.value.facts.happened
    assert "drill.max_cost allows 0.21" in raised.value.facts.happened
    assert raised.value.facts.safe == "Nothing was made."


def test_a_budget_for_what_nobody_knows_the_price_of_is_refused(config: Config) -> None:
    require_affordable(UNKNOWN, 2, allowing(config, None))
    with pytest.raises(DrillTooCostly, match="Nobody knows what this drill would cost"):
        require_affordable(UNKNOWN, 2, allowing(config, 100.0))


def test_a_table_tells_what_servers_cost_where_no_cloud_does(config: Config) -> None:
    groups = dict.fromkeys(config.servers, 0.02)
    count = sum(group.count for group in config.servers.values())
    assert _in_table(allowing(config, 1.0, **groups)) == pytest.approx(0.02 * count)
    groups.popitem()
    assert _in_table(allowing(config, 1.0, **groups)) is None


def test_a_table_that_names_no_group_of_servers_is_told(config: Config) -> None:
    assert list(unpriced(allowing(config, None, mars=1.0))) == [
        "drill.hourly_costs names mars, which is no group of servers"
    ]
    assert not list(unpriced(allowing(config, None, **dict.fromkeys(config.servers, 1.0))))


@pytest.mark.parametrize(("seconds", "hours"), [(0, 0), (1, 1), (3600, 1), (3601, 2)])
def test_what_is_charged_by_the_hour_costs_a_whole_hour_from_its_first_second(
    seconds: float, hours: int
) -> None:
    assert KNOWN.charged(0.10, seconds) == pytest.approx(0.10 * hours)


def test_what_is_charged_by_the_minute_costs_minutes() -> None:
    cost = HourlyCost(0.60, "USD", least_seconds=60)
    assert cost.charged(0.60, 61) == pytest.approx(0.02)


def test_the_estimate_says_how_much_it_is_at_most() -> None:
    assert "0.11 EUR an hour" in KNOWN.sentence(2)
    assert "0.22 EUR at most" in KNOWN.sentence(2)
    assert "not known" in UNKNOWN.sentence(2)
