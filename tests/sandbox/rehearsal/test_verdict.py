"""Every promise of a rehearsal, kept and broken: terminated at 1000, commanded at 1001."""

import dataclasses
import json
from typing import Any

import pytest

from liferaft_sandbox.rehearsal.verdict import (
    LAG_LIMIT,
    UNDER_WAY,
    Fallen,
    Observed,
    checks,
    report,
)
from liferaft_sandbox.users.account import Account, ResolverTail

REPORTED = {
    "rto_seconds",
    "command_to_first_good_write",
    "holding_page_seconds",
    "rpo_seconds",
    "acknowledged_writes",
    "lost_writes",
    "critical_path_seconds",
    "requests_to_primary_after_termination",
    "steps",
}
"""What issue 3 promises of report.json, at least."""

ACCOUNT = Account(
    terminated_at=1000.0,
    command_at=1001.0,
    requests=500,
    good=450,
    holding=40,
    failed=10,
    last_good_answer=999.9,
    first_holding_page=1015.0,
    first_good_read=1040.0,
    first_good_write=1041.0,
    rto_seconds=41.1,
    holding_page_seconds=14.0,
    command_to_first_good_write=40.0,
    uploads_under_way=1,
    resolvers=(ResolverTail("r1", 1010.0, 1012.04), ResolverTail("r2", 1030.0, None)),
    acknowledged=(),
)
SURVIVAL: dict[str, Any] = {
    "acknowledged": 120,
    "survived": 119,
    "lost": 1,
    "altered": 0,
    "unanswered": 0,
    "first_lost_at": 999.0,
    "not_survived": [{"path": "/posts/9", "user": "ada", "at": 999.0, "verdict": "lost"}],
}
RUN = {
    "recovered_until": 998.5,
    "critical_path_seconds": 33.0,
    "critical_path": ["reserve", "servers"],
    "steps": [{"name": "reserve", "start": 0.0, "end": 2.0}],
}
KEPT = Observed(
    seed=3,
    account=ACCOUNT,
    survival=SURVIVAL,
    run=RUN,
    packets_to_primary={"operator": 0, "neutral": 0, "hetzner": 0, "users": 77},
    calls_to_primary=(),
)


def broken(observed: Observed) -> list[str]:
    return [check.name for check in checks(observed) if not check.kept]


def of_account(**changes: Any) -> Observed:
    return dataclasses.replace(KEPT, account=dataclasses.replace(ACCOUNT, **changes))


def of_survival(**changes: Any) -> Observed:
    return dataclasses.replace(KEPT, survival={**SURVIVAL, **changes})


def test_a_rehearsal_that_keeps_every_promise_succeeds() -> None:
    assert broken(KEPT) == []
    assert report(KEPT)["succeeded"] is True


@pytest.mark.parametrize("seconds", [30.0, 31.0, None])
def test_a_holding_page_that_comes_late_or_never_breaks_a_promise(seconds: float | None) -> None:
    assert broken(of_account(holding_page_seconds=seconds)) == ["the holding page is seen"]


@pytest.mark.parametrize("seconds", [60.0, 75.0, None])
def test_users_who_write_late_or_never_break_a_promise(seconds: float | None) -> None:
    late = of_account(command_to_first_good_write=seconds)
    assert broken(late) == ["users can write again"]
    assert report(late)["succeeded"] is False


def test_between_places_that_are_apart_so_many_round_trips_are_allowed_and_no_more() -> None:
    def far(holding: float, write: float) -> list[str]:
        seen = of_account(holding_page_seconds=holding, command_to_first_good_write=write)
        return broken(dataclasses.replace(seen, latency=0.08))

    assert far(41.9, 75.9) == []
    assert far(42.1, 76.1) == ["the holding page is seen", "users can write again"]


@pytest.mark.parametrize(("seconds", "late"), [(59.9, False), (60.0, True), (None, False)])
def test_what_came_too_late_is_told_from_what_never_came(seconds: float | None, late: bool) -> None:
    told = report(of_account(command_to_first_good_write=seconds))["checks"]
    assert {check["name"] for check in told if check["late"]} == (
        {"users can write again"} if late else set()
    )


def test_a_write_from_before_the_last_archived_moment_must_not_be_lost() -> None:
    early = [
        {"path": "/posts/1", "user": "ada", "at": 998.0, "verdict": "lost"},
        *SURVIVAL["not_survived"],
    ]
    found = of_survival(lost=2, not_survived=early)
    assert broken(found) == ["only writes later than the archive are lost"]
    details = [check.detail for check in checks(found)]
    assert "2 lost, 1 of them unexplained" in details


def test_without_a_word_on_what_was_recovered_no_loss_is_explained() -> None:
    silent = dataclasses.replace(KEPT, run={**RUN, "recovered_until": None})
    assert broken(silent) == ["only writes later than the archive are lost"]
    assert report(silent)["rpo_seconds"] is None
    nothing_lost = dataclasses.replace(silent, survival={**SURVIVAL, "not_survived": []})
    assert broken(nothing_lost) == []


def test_one_altered_thing_breaks_a_promise() -> None:
    assert broken(of_survival(altered=1)) == ["nothing is altered"]


def test_one_thing_without_an_answer_breaks_a_promise() -> None:
    row = {"path": "/media/a.png", "at": 990.0, "verdict": "unanswered"}
    found = of_survival(unanswered=1, not_survived=[row])
    assert broken(found) == ["everything promised has an answer"]


@pytest.mark.parametrize("source", ["operator", "neutral", "hetzner"])
def test_one_packet_of_ours_towards_the_primary_breaks_a_promise(source: str) -> None:
    found = dataclasses.replace(KEPT, packets_to_primary={source: 1, "users": 5})
    assert broken(found) == ["nobody asks the primary for anything"]
    assert report(found)["requests_to_primary_after_termination"] == 1


def test_one_call_to_the_primarys_api_breaks_a_promise() -> None:
    found = dataclasses.replace(KEPT, calls_to_primary=({"operation": "DescribeInstances"},))
    assert broken(found) == ["nobody asks the primary for anything"]


def test_users_who_follow_old_names_do_not_count_as_ours() -> None:
    found = dataclasses.replace(KEPT, packets_to_primary={"users": 10_000})
    assert report(found)["requests_to_primary_after_termination"] == 0


def test_the_report_has_every_figure_that_is_promised_as_plain_json() -> None:
    told = report(KEPT)
    assert told.keys() >= REPORTED
    assert json.loads(json.dumps(told)) == told
    assert told["rpo_seconds"] == 1.5
    assert (told["acknowledged_writes"], told["lost_writes"]) == (120, 1)
    assert told["lost"] == [{"path": "/posts/9", "user": "ada", "seconds_before_termination": 1.0}]
    assert told["resolver_tail_seconds"] == {"r1": 11.0, "r2": None}
    assert {check["name"] for check in told["checks"]} == {check.name for check in checks(KEPT)}


def test_what_an_earlier_fall_explains_may_be_lost_at_a_later_one() -> None:
    rows = [{"path": "/posts/1", "user": "ada", "at": 498.0, "verdict": "lost"}]
    found = of_survival(not_survived=rows)
    assert broken(found) == ["only writes later than the archive are lost"]
    twice = dataclasses.replace(found, earlier=(Fallen(497.0, 500.0),))
    assert broken(twice) == []


def test_what_was_acknowledged_after_the_fall_must_not_be_lost() -> None:
    rows = [{"path": "/posts/1", "user": "ada", "at": 1050.0, "verdict": "lost"}]
    assert broken(of_survival(not_survived=rows)) == ["only writes later than the archive are lost"]


def test_an_archive_that_fell_behind_breaks_a_promise_in_whichever_fall() -> None:
    fallen = Fallen(500.0 - LAG_LIMIT, 500.0)
    found = dataclasses.replace(KEPT, earlier=(fallen,))
    assert broken(found) == ["the archive keeps up"]
    assert report(found)["archive_lag_seconds"] == LAG_LIMIT


def test_an_answer_that_a_busy_user_notes_just_after_the_fall_was_given_before_it() -> None:
    def lost_at(at: float) -> Observed:
        row = {"path": "/posts/9", "user": "ada", "at": at, "verdict": "lost"}
        return of_survival(not_survived=[row])

    assert broken(lost_at(1000.01)) == []
    assert broken(lost_at(1000.0 + UNDER_WAY + 0.1)) == [
        "only writes later than the archive are lost"
    ]
