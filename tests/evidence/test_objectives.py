"""RTO and RPO are measured from the journal, and judged only where somebody has set a target."""

from typing import Any

import pytest
from tests.evidence.runs import ABOUT, BEGAN, FAILOVER, Written, done, started

from liferaft.evidence.objectives import data_lost, recovery_time
from liferaft.journal import read_run
from liferaft.vault import Vault


def test_time_counts_from_the_beginning_of_the_run_to_the_first_good_answer(
    vault: Vault, journal: Written
) -> None:
    found = recovery_time(read_run(vault, journal(FAILOVER)))
    assert found is not None
    assert (found.seconds, found.target, found.met) == (40.0, None, None)
    assert "What passes before somebody gives the command is not in it." in found.sentence


def test_a_later_session_that_found_the_app_well_makes_it_no_later(
    vault: Vault, journal: Written
) -> None:
    again = [
        (90.0, "run-resumed", {}),
        started(90.0, "prove"),
        (95.0, "step-held", {"step": "prove"}),
    ]
    found = recovery_time(read_run(vault, journal([*FAILOVER[:-1], *again])))
    assert found is not None
    assert found.seconds == 40.0


def test_data_counts_back_to_the_last_beat_that_came_back(vault: Vault, journal: Written) -> None:
    found = data_lost(read_run(vault, journal(FAILOVER)))
    assert found is not None
    assert found.seconds == 8.75
    assert "what it took after, is missing as well" in found.sentence


def test_a_clock_that_runs_ahead_makes_no_gain_of_a_loss(vault: Vault, journal: Written) -> None:
    rows = [started(1, "promote"), done(2, "promote", recovered_until=BEGAN + 60)]
    found = data_lost(read_run(vault, journal(rows)))
    assert found is not None
    assert found.seconds == 0.0


def test_what_was_dropped_as_asked_is_no_measured_loss(vault: Vault, journal: Written) -> None:
    found = data_lost(read_run(vault, journal(FAILOVER, at="2026-11-22 09:14:00")))
    assert found is not None
    assert (found.seconds, found.met) == (None, None)
    assert "as of 2026-11-22 09:14:00 UTC, as was asked for" in found.sentence


@pytest.mark.parametrize(
    ("targets", "judged"),
    [
        ({"rto": 900, "rpo": 30}, (True, True)),
        ({"rto": 40, "rpo": 8.75}, (True, True)),
        ({"rto": 39, "rpo": 5}, (False, False)),
        ({"rto": 39}, (False, None)),
        ({}, (None, None)),
        ("nonsense", (None, None)),
    ],
)
def test_a_target_is_met_or_missed_and_none_is_no_verdict(
    vault: Vault, journal: Written, targets: Any, judged: tuple[bool | None, bool | None]
) -> None:
    run = read_run(vault, journal(FAILOVER, about={**ABOUT, "targets": targets}))
    time, data = recovery_time(run), data_lost(run)
    assert time is not None
    assert data is not None
    assert (time.met, data.met) == judged


def test_what_was_not_measured_meets_no_target(vault: Vault, journal: Written) -> None:
    run = read_run(vault, journal(FAILOVER[:4], about={**ABOUT, "targets": {"rto": 1, "rpo": 1}}))
    for found in (recovery_time(run), data_lost(run)):
        assert found is not None
        assert (found.seconds, found.target, found.met) == (None, 1.0, None)


def test_what_a_drill_has_measured_itself_counts(vault: Vault, journal: Written) -> None:
    """The site that reigns writes on: its data is as old as the look at the archive's end."""
    verdict = {"good": True, "rto_seconds": 41.5, "rpo_seconds": 3.5}
    rows = [*FAILOVER[:-1], (42.0, "drill-verdict", verdict), FAILOVER[-1]]
    run = read_run(vault, journal(rows, move="drill"))
    time, data = recovery_time(run), data_lost(run)
    assert time is not None
    assert data is not None
    assert (time.seconds, data.seconds) == (41.5, 3.5)
    assert "while the site that reigns wrote on" in data.sentence


def test_a_drill_that_measured_nothing_has_lost_nothing_known(
    vault: Vault, journal: Written
) -> None:
    verdict = {"good": False, "rto_seconds": None, "rpo_seconds": None}
    run = read_run(vault, journal([(1.0, "drill-verdict", verdict)], move="drill"))
    for found in (recovery_time(run), data_lost(run)):
        assert found is not None
        assert found.seconds is None


def test_a_move_that_brings_nothing_back_has_neither(vault: Vault, journal: Written) -> None:
    run = read_run(vault, journal(FAILOVER, move="deploy"))
    assert recovery_time(run) is None
    assert data_lost(run) is None
