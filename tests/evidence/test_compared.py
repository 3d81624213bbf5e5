"""A run is told beside those of the same move before it."""

from tests.evidence.runs import FAILOVER, Written

from liferaft.evidence.compared import compared
from liferaft.evidence.document import Earlier
from liferaft.evidence.report import projected
from liferaft.journal import read_run
from liferaft.vault import Vault


def earlier(seconds: float, rto: float | None) -> Earlier:
    return Earlier(run="r", began="b", site="north", seconds=seconds, rto=rto, rpo=None)


def test_a_failover_is_compared_by_the_time_until_the_app_was_back(
    vault: Vault, journal: Written
) -> None:
    run = read_run(vault, journal(FAILOVER))
    rows = [earlier(70, 61), earlier(66, 58), earlier(90, None), earlier(99, 80)]
    assert compared(projected(run, rows)) == (
        "This run was back after 40 s; the 4 failovers before took 1 min 1 s in the middle, "
        "58 s at best and 1 min 20 s at worst."
    )


def test_another_move_is_compared_by_all_that_it_took(vault: Vault, journal: Written) -> None:
    run = read_run(vault, journal(FAILOVER, move="deploy"))
    assert compared(projected(run, [earlier(50, None)])) == (
        "This run took 40 s; the 1 deploy before took 50 s in the middle."
    )


def test_the_first_run_of_a_move_is_compared_to_nothing(vault: Vault, journal: Written) -> None:
    assert compared(projected(read_run(vault, journal(FAILOVER)))) == ""
