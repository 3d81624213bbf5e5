"""How old the newest good drill of each site is, and which of them is overdue."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.evidence.drills import play

from liferaft.config import Config
from liferaft.evidence.drills_due import DrillDue, drills_due, missed_drills
from liferaft.evidence.drills_played import MOST
from liferaft.evidence.watch import Severity
from liferaft.vault import Vault

Reigns = Callable[[int, str], None]
REIGNS = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
"""When `reigns` begins a reign."""
WEEK = timedelta(days=7)
LATEST = WEEK + timedelta(hours=1 + 2)
"""With the hour that a timer may be late, and the two that a drill may take."""


@pytest.fixture
def weekly(config: Config) -> Config:
    drill = config.drill.model_copy(update={"every": {"north": WEEK, "east": WEEK}})
    return config.model_copy(update={"drill": drill})


def north(config: Config, vault: Vault, but: str = "") -> DrillDue:
    (found,) = drills_due(config, vault, but=but)
    assert found.site == "north", "the site that reigns is not tried"
    return found


def test_a_site_is_waited_for_from_the_last_drill_on_that_came_back(
    weekly: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    good = REIGNS + timedelta(days=1)
    play(vault, good)
    play(vault, good + timedelta(days=1), fails=True)
    found = north(weekly, vault)
    assert (found.good, found.overdue) == (good, good + LATEST)
    assert not found.is_overdue(good + LATEST)
    assert found.is_overdue(good + LATEST + timedelta(seconds=1))


def test_a_drill_of_the_data_alone_does_not_count(
    weekly: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    play(vault, REIGNS + timedelta(days=1), data_only=True)
    assert north(weekly, vault).good is None


@pytest.fixture
def data_daily(config: Config) -> Config:
    """A whole drill each month, and one of the data each day."""
    asked = {"every": {"north": timedelta(days=31)}, "data_every": {"north": timedelta(days=1)}}
    drill = config.drill.model_copy(update=asked)
    return config.model_copy(update={"drill": drill})


def test_of_the_data_and_of_the_application_each_has_its_own_drills(
    data_daily: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    whole, data = REIGNS + timedelta(days=1), REIGNS + timedelta(days=4)
    play(vault, whole)
    play(vault, data, data_only=True)
    play(vault, data + timedelta(days=1), data_only=True, fails=True)
    of_app, of_data = drills_due(data_daily, vault)
    assert (of_app.data_only, of_app.good) == (False, whole)
    assert (of_data.data_only, of_data.good) == (True, data)
    late = data + timedelta(days=2)
    assert (of_app.is_overdue(late), of_data.is_overdue(late)) == (False, True)
    (alarm,) = missed_drills([of_app, of_data], late)
    assert alarm.said.startswith("no drill of the data at north has come back for 2 days")
    assert of_data.sentence(late).startswith("the data at north: OVERDUE since")


def test_a_whole_drill_brings_the_data_back_as_well(
    data_daily: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    whole = REIGNS + timedelta(days=3)
    play(vault, whole)
    assert [one.good for one in drills_due(data_daily, vault)] == [whole, whole]


def test_many_drills_of_the_data_hide_no_whole_one_that_is_in_time(
    data_daily: Config, vault: Vault, reigns: Reigns
) -> None:
    """Several sites' daily ones are more within a month than anybody looks back on otherwise."""
    reigns(1, "east")
    whole = REIGNS + timedelta(days=1)
    play(vault, whole)
    for number in range(MOST + 5):
        play(vault, whole + timedelta(hours=6 * (number + 1)), data_only=True)
    of_app, _ = drills_due(data_daily, vault)
    assert of_app.good == whole
    assert not of_app.is_overdue(whole + timedelta(days=30))


def test_a_drill_that_missed_its_targets_does_not_count(
    weekly: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    play(vault, REIGNS + timedelta(days=1), rto=40.0, target=30.0)
    assert north(weekly, vault).good is None


def test_one_of_the_data_alone_does_not_count(weekly: Config, vault: Vault, reigns: Reigns) -> None:
    reigns(1, "east")
    play(vault, REIGNS + timedelta(days=1), data_only=True)
    assert north(weekly, vault).good is None


def test_without_any_it_is_waited_for_from_the_beginning_of_the_reign_on(
    weekly: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    found = north(weekly, vault)
    assert (found.good, found.overdue) == (None, REIGNS + LATEST)
    assert found.missed(REIGNS + timedelta(days=9)) == (
        "no drill of north has come back for 9 days, and one every 7 days is asked for"
    )


def test_one_of_an_earlier_reign_tells_its_age_and_makes_nobody_late_at_once(
    weekly: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    old = REIGNS - timedelta(days=60)
    play(vault, old)
    found = north(weekly, vault)
    assert (found.good, found.overdue) == (old, REIGNS + LATEST)


def test_the_drill_that_is_left_out_does_not_hide_that_one_was_missed(
    weekly: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    late = REIGNS + timedelta(days=30)
    name = play(vault, late)
    assert not north(weekly, vault).is_overdue(late)
    assert north(weekly, vault, but=str(name)).is_overdue(late)


def test_a_watcher_is_warned_of_what_is_missed_and_of_nothing_else(
    weekly: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    due = drills_due(weekly, vault)
    assert not list(missed_drills(due, REIGNS + WEEK))
    (alarm,) = missed_drills(due, REIGNS + timedelta(days=8))
    assert alarm.severity is Severity.WARNING


def test_where_none_is_asked_for_its_age_is_told_and_nothing_is_missed(
    config: Config, vault: Vault, reigns: Reigns
) -> None:
    reigns(1, "east")
    assert drills_due(config, vault) == ()
    play(vault, REIGNS)
    (found,) = drills_due(config, vault)
    assert found.sentence(REIGNS + timedelta(days=400)) == "north: one came back 400 days ago"
    assert not found.is_overdue(REIGNS + timedelta(days=400))


def test_before_the_first_deploy_nothing_is_due(weekly: Config, vault: Vault) -> None:
    assert drills_due(weekly, vault) == ()


def test_looking_writes_no_report(weekly: Config, vault: Vault, reigns: Reigns) -> None:
    reigns(1, "east")
    play(vault, REIGNS)
    before = vault.list()
    drills_due(weekly, vault)
    assert vault.list() == before
