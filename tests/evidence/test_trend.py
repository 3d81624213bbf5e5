"""How drills have gone, from their list."""

from dataclasses import replace

from liferaft.evidence.listed import ListedRun
from liferaft.evidence.trend import trends


def row(
    rto: float | None, state: str = "finished", site: str = "north", without: tuple[str, ...] = ()
) -> ListedRun:
    return ListedRun(
        "run", "drill", site, "2026-11-29", state, "said", 60.0, rto, 3.0, without=without
    )


def test_a_drill_that_is_slower_than_those_before_it_is_called_so() -> None:
    (found,) = trends([row(99.0), *(row(40.0 + number) for number in range(5))])
    assert found.is_slower
    assert "SLOWER than 95 %" in found.sentence


def test_one_that_is_as_fast_as_usual_is_not() -> None:
    (found,) = trends([row(41.0), *(row(40.0 + number) for number in range(5))])
    assert not found.is_slower
    assert found.rto_p95 == 44.0


def test_of_few_drills_nothing_is_called_usual() -> None:
    (found,) = trends([row(99.0), row(40.0), row(41.0)])
    assert found.rto_p95 is None
    assert not found.is_slower


def test_failed_drills_are_counted_and_measure_nothing() -> None:
    (found,) = trends([row(None, "failed"), row(40.0)])
    assert (found.drills, found.came_back, found.newest_rto) == (2, 1, None)
    assert "1 of 2 drills came back" in found.sentence


def test_drills_of_the_data_alone_are_no_measure_of_the_application() -> None:
    quick = replace(row(5.0), data_only=True)
    (found,) = trends([quick, row(40.0)])
    assert (found.drills, found.newest_rto) == (1, 40.0)
    assert not list(trends([quick]))


def test_each_site_has_its_own() -> None:
    found = list(trends([row(40.0), row(50.0, site="west")]))
    assert [one.site for one in found] == ["north", "west"]


def test_drills_with_vendors_missing_are_counted_apart_and_measure_nothing() -> None:
    """A dead vault costs seconds: the usual drill after it would seem quick, or it slow."""
    slow = row(99.0, without=("main",))
    usual = [row(40.0 + number) for number in range(6)]
    (found,) = trends([slow, *usual, row(None, "failed", without=("depot",))])
    assert (found.drills, found.newest_rto, found.is_slower) == (6, 40.0, False)
    assert "Of 2 drills without some vendor 1 came back" in found.sentence


def test_a_site_of_which_no_usual_drill_was_played_says_so() -> None:
    (found,) = trends([row(50.0, without=("main",))])
    assert (found.drills, found.newest_rto, found.rto_p95) == (0, None, None)
