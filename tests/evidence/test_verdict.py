"""The first sentence of a report is the whole truth in short."""

from typing import Any

import pytest
from tests.evidence.runs import ABOUT, FAILOVER, Written, done, failed, started

from liferaft.evidence.document import ToldVerdict
from liferaft.evidence.report import report_of
from liferaft.vault import Vault


@pytest.fixture
def verdict(vault: Vault, journal: Written) -> Any:
    def of(rows: Any, **more: Any) -> ToldVerdict:
        journal(rows, **{"about": ABOUT, "from_site": "east", "point": "P"} | more)
        return report_of(vault).verdict

    return of


def test_a_failover_says_where_the_app_is_how_long_it_was_away_and_what_is_missing(
    verdict: Any,
) -> None:
    assert verdict(FAILOVER).sentence == (
        "chirp runs at north, moved from east: back after 40 s, the last 8.8 s of data are missing."
    )


def test_a_target_that_was_missed_is_in_the_first_sentence(verdict: Any) -> None:
    about = {**ABOUT, "targets": {"rto": 30, "rpo": 30}}
    said = verdict(FAILOVER, about=about).sentence
    assert "back after 40 s (target 30 s: MISSED)" in said
    assert "8.8 s of data are missing (target 30 s)." in said


def test_objects_that_are_gone_are_counted_in_it(verdict: Any) -> None:
    rows = [*FAILOVER[:-1], started(40, "copy"), done(41, "copy", missing_count=1), FAILOVER[-1]]
    assert verdict(rows).sentence.endswith("1 object did not come back; their names are below.")


@pytest.mark.parametrize(
    ("move", "reigns", "sentence"),
    [
        ("deploy", True, "chirp at north is as it is described, after 40 s."),
        ("deploy", False, "north is made ready to stand by for chirp, after 40 s."),
        ("snapshot", True, "Recovery point P of chirp at north is in the vaults, after 40 s."),
        ("destroy", False, "The destroy of north reached its goal, after 40 s."),
    ],
)
def test_each_move_says_what_is_true_now(
    vault: Vault, journal: Written, move: str, reigns: bool, sentence: str
) -> None:
    journal(FAILOVER, move=move, about=ABOUT, point="P", reigns=reigns)
    assert report_of(vault).verdict.sentence == sentence


def test_a_failure_says_in_which_step_why_what_is_safe_and_what_to_do(verdict: Any) -> None:
    rows = [*FAILOVER[:4], started(4, "edge"), failed(9, "edge", "It broke.", safe="S", do="D")]
    found = verdict(rows)
    assert found.state == "failed"
    assert found.sentence == "The failover of north failed after 9 s, in step edge: It broke."
    assert (found.safe, found.do) == ("S", "D")


DRILL = {"move": "drill", "site": "north-drill", "standby": "north"}


def test_a_drill_says_that_it_would_have_worked_and_where(verdict: Any) -> None:
    assert verdict(FAILOVER, **DRILL).sentence.startswith(
        "chirp would have come back at north from recovery point P: back after 40 s, "
    )


def test_a_drill_that_failed_says_that_a_failover_would_not_have_worked(verdict: Any) -> None:
    rows = [started(4, "edge"), failed(9, "edge", "It broke."), started(9, "teardown")]
    found = verdict([*rows, done(20, "teardown")], **DRILL)
    assert found.sentence == (
        "A failover of chirp to north would not have worked: the drill failed after 20 s, in step "
        "edge: It broke."
    )


def test_a_drill_of_the_data_alone_does_not_say_that_the_application_came_back(
    verdict: Any,
) -> None:
    assert verdict(FAILOVER, **DRILL, data_only=True).sentence.startswith(
        "The data of chirp would have come back at north from recovery point P"
    )


def test_one_of_the_data_alone_that_failed_says_so_of_the_data(verdict: Any) -> None:
    rows = [started(4, "restore"), failed(9, "restore", "It broke.")]
    assert verdict(rows, **DRILL, data_only=True).sentence.startswith(
        "The data of chirp would not have come back at north: the drill failed"
    )


def test_a_drill_whose_command_died_says_how_to_delete_what_it_left(verdict: Any) -> None:
    found = verdict([started(4, "edge")], **DRILL)
    assert "The drill of north is not finished" in found.sentence
    assert "`liferaft drill --clean`" in found.do


def test_a_failure_that_a_later_session_left_behind_is_no_verdict(verdict: Any) -> None:
    rows = [started(1, "edge"), failed(2, "edge", "It broke."), (9.0, "run-finished", {})]
    assert verdict(rows).state == "finished"


def test_a_run_whose_command_died_says_how_far_it_came_and_how_it_goes_on(verdict: Any) -> None:
    found = verdict(FAILOVER[:3])
    assert found.state == "unfinished"
    assert found.sentence.endswith("Steps that are through: 1 of 2.")
    assert found.do.startswith("Type the same command again")
