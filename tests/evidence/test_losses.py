"""What was lost, denied, spent and told is in the report by name, in whatever shape it came."""

from typing import Any

import pytest
from tests.evidence.runs import ABOUT, FAILOVER, Written, done, started

from liferaft.evidence import losses
from liferaft.journal import RunRecord, read_run
from liferaft.vault import Vault


def run_of(vault: Vault, journal: Written, **facts: Any) -> RunRecord:
    return read_run(vault, journal([started(1, "copy"), done(2, "copy", **facts)]))


def test_what_came_later_than_the_archive_is_lost_from_a_moment_on(
    vault: Vault, journal: Written
) -> None:
    (one,) = losses.lost(read_run(vault, journal(FAILOVER)))
    assert "after 2026-11-22 13:59:51 UTC" in one.sentence


def test_objects_that_are_gone_are_lost_by_name(vault: Vault, journal: Written) -> None:
    (one,) = losses.lost(run_of(vault, journal, missing_count=3, missing=["a.jpg", "b.jpg"]))
    assert (one.of, one.count, one.names) == ("copy", 3, ("a.jpg", "b.jpg"))
    assert one.sentence.startswith("3 objects that rows of the database name")


def test_nothing_missing_is_nothing_lost(vault: Vault, journal: Written) -> None:
    assert losses.lost(run_of(vault, journal, missing_count=0)) == ()


def test_data_that_is_kept_again_and_again_is_lost_from_its_last_copy_on(
    vault: Vault, journal: Written
) -> None:
    facts = {"kept_of": "volume files", "kept_until": 1_795_355_977.5}
    (one,) = losses.lost(run_of(vault, journal, **facts))
    assert one.sentence == (
        "What was written to volume files after 2026-11-22 13:59:37 UTC, 22.5 s before the run "
        "began: it is not back."
    )


def test_what_an_operator_gave_up_is_lost(vault: Vault, journal: Written) -> None:
    (one,) = losses.lost(run_of(vault, journal, lost_from="000000010000000000000007"))
    assert "from 000000010000000000000007 on: given up" in one.sentence


def test_what_was_dropped_as_asked_is_told_so(vault: Vault, journal: Written) -> None:
    (one,) = losses.lost(read_run(vault, journal(FAILOVER, at="2026-11-22 09:14:00")))
    assert (
        one.sentence == "What was written at 2026-11-22 09:14:00 UTC or later: dropped, as asked."
    )


def test_a_sentence_that_two_steps_tell_is_told_once(vault: Vault, journal: Written) -> None:
    rows = [started(1, "a"), done(2, "a", told=["x", "y"]), started(2, "b"), done(3, "b", told="x")]
    assert losses.told(read_run(vault, journal(rows))) == ("x", "y")


@pytest.mark.parametrize(
    ("noted", "named"),
    [
        (["api.mail.test"], [("api.mail.test", "", 1)]),
        ([{"name": "api.mail.test", "by": "web", "count": 3}], [("api.mail.test", "web", 3)]),
        ([{"host": "203.0.113.9", "process": "python3"}], [("203.0.113.9", "python3", 1)]),
        ({"address": "203.0.113.9"}, [("203.0.113.9", "", 1)]),
        ([{}], [("?", "", 1)]),
        (
            [{"asked": "203.0.113.9", "port": 25, "names": ["mx.test"], "by": "user 33"}],
            [("203.0.113.9 port 25 (mx.test)", "user 33", 1)],
        ),
        (["a", "a"], [("a", "", 2)]),
    ],
)
def test_a_hidden_dependency_is_named_in_whatever_shape_it_was_noted(
    vault: Vault, journal: Written, noted: Any, named: list[tuple[str, str, int]]
) -> None:
    found = losses.denied(run_of(vault, journal, denied=noted))
    assert [(one.name, one.by, one.count) for one in found] == named


def test_what_was_to_be_expected_is_told_as_such(vault: Vault, journal: Written) -> None:
    (one,) = losses.denied(run_of(vault, journal, denied=[{"asked": "a", "known": "Debian's"}]))
    assert one.known == "Debian's"


def test_a_drill_says_what_a_failover_would_have_lost(vault: Vault, journal: Written) -> None:
    (one,) = losses.lost(read_run(vault, journal(FAILOVER, move="drill")))
    assert one.sentence.startswith("A failover would have lost what was committed after 2026-11")


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        ("About 0.12 EUR.", ("About 0.12 EUR.",)),
        ({"sentence": "Standing by, it costs 4 EUR."}, ("Standing by, it costs 4 EUR.",)),
        ({"what": "Servers", "amount": 0.12, "currency": "EUR"}, ("Servers: 0.12 EUR.",)),
        ({}, ()),
    ],
)
def test_costs_are_told_where_they_are_known(
    vault: Vault, journal: Written, noted: Any, said: tuple[str, ...]
) -> None:
    assert losses.costs(run_of(vault, journal, costs=noted)) == said


def test_what_a_drill_has_spent_is_told_as_a_figure_too(vault: Vault, journal: Written) -> None:
    noted = {"sentence": "It cost.", "amount": 0.51, "currency": "EUR", "server_seconds": 90.0}
    run = read_run(vault, journal([(1.0, "drill-verdict", {"costs": noted})], move="drill"))
    found = losses.spent(run)
    assert found is not None
    assert (found.amount, found.currency, found.server_seconds) == (0.51, "EUR", 90.0)
    assert losses.costs(run) == ("It cost.",)


def test_what_a_standby_costs_by_the_month_is_nothing_that_was_spent(
    vault: Vault, journal: Written
) -> None:
    assert losses.spent(run_of(vault, journal, costs={"sentence": "About 4 EUR a month."})) is None


def test_what_a_standby_costs_is_told_by_the_session_that_reckoned_it(
    vault: Vault, journal: Written
) -> None:
    about = {**ABOUT, "costs": {"sentence": "Standing by, north costs about 4 EUR a month."}}
    run = read_run(vault, journal(FAILOVER[:2], move="deploy", about=about))
    assert losses.costs(run) == ("Standing by, north costs about 4 EUR a month.",)
