from collections.abc import Callable
from dataclasses import replace

import pytest

from liferaft.clouds.classification import Classification, CloudFailure, Verdict
from liferaft.clouds.control_plane import ControlPlane, Patience
from liferaft.failures import DeadlinePassed


class Answer(Exception):
    """Its code says what it means."""


def meaning(error: Exception) -> Classification:
    code, _, wait = str(error).partition(" ")
    verdicts = {"down": Verdict.OUTAGE, "slow": Verdict.THROTTLE, "dead": Verdict.TERMINAL}
    verdict = verdicts.get(code, Verdict.REFUSED)
    return Classification(verdict, code, "said so", retry_after=float(wait) if wait else None)


PLANE = ControlPlane(
    "cloud",
    (Answer,),
    meaning,
    is_gone=lambda code: code == "gone",
    is_busy=lambda code: code == "busy",
    is_taken=lambda code: code == "taken",
    patience=Patience(
        attempts=3,
        wait_initial=0,
        wait_max=0,
        jitter=0,
        poll=0.001,
        poll_max=0.001,
        gone=10,
        settle=10,
    ),
)
HASTY = replace(PLANE, patience=replace(PLANE.patience, gone=0.02, settle=0.02))
"""For what never happens; on a busy machine it may not even look twice."""


def script(*steps: str) -> tuple[Callable[[], str], list[str]]:
    """A call that answers by the script, and the steps that it has not reached."""
    left = list(steps)

    def call() -> str:
        step = left.pop(0)
        if step.startswith("ok"):
            return step
        raise Answer(step)

    return call, left


def test_outages_and_throttling_are_asked_again() -> None:
    call, _ = script("down", "slow", "ok")
    assert PLANE.ask("reading", call) == "ok"


def test_a_refusal_is_not_asked_again() -> None:
    call, left = script("quota", "ok")
    with pytest.raises(CloudFailure) as failed:
        PLANE.ask("creating server app-1", call, safe="Nothing was made.")
    assert left == ["ok"]
    assert failed.value.facts.happened == ("cloud: creating server app-1 failed: quota: said so")
    assert failed.value.facts.safe == "Nothing was made."
    assert failed.value.facts.details["code"] == "quota"


def test_attempts_are_counted() -> None:
    call, left = script("down", "down", "down", "ok")
    with pytest.raises(CloudFailure):
        PLANE.ask("reading", call)
    assert left == ["ok"]


def test_a_suspension_names_failover_as_the_way_out() -> None:
    call, _ = script("dead")
    with pytest.raises(CloudFailure) as failed:
        PLANE.ask("reading", call)
    assert "liferaft failover" in failed.value.facts.do


def test_a_retry_after_past_the_budget_ends_it_at_once() -> None:
    call, left = script("slow 9999", "ok")
    with pytest.raises(CloudFailure):
        PLANE.ask("reading", call)
    assert left == ["ok"]


def test_a_programming_error_is_not_dressed_up() -> None:
    def broken() -> str:
        raise KeyError("name")

    with pytest.raises(KeyError):
        PLANE.ask("reading", broken)


def test_what_is_gone_is_looked_up_as_none() -> None:
    call, _ = script("gone")
    assert PLANE.look_up("reading", call) is None


def test_a_lost_answer_is_looked_for_before_anything_is_created_again() -> None:
    made: list[str] = []
    listing_lags = iter([None, None, None])

    def find() -> str | None:
        return next(listing_lags, made[0] if made else None)

    def create() -> str:
        made.append("thing")
        raise Answer("down")

    assert PLANE.create_once("creating", find, create) == "thing"
    assert made == ["thing"]


def test_a_taken_name_is_looked_for_before_it_is_called_a_refusal() -> None:
    listing_lags = iter([None, None, None])

    def create() -> str:
        raise Answer("taken")

    assert PLANE.create_once("creating", lambda: next(listing_lags, "thing"), create) == "thing"
    with pytest.raises(CloudFailure, match="taken"):
        HASTY.create_once("creating", lambda: None, create)


def test_what_was_just_created_may_be_unknown_for_a_moment() -> None:
    call, left = script("gone", "gone", "ok")
    PLANE.ensure("attaching", call)
    assert left == []


def test_what_is_so_already_needs_no_second_time() -> None:
    call, _ = script("down", "taken")
    PLANE.ensure("attaching", call)


def test_what_stays_unknown_is_gone() -> None:
    def always() -> None:
        raise Answer("gone")

    with pytest.raises(CloudFailure, match="gone"):
        HASTY.ensure("attaching", always)


def test_a_removal_waits_out_what_still_uses_it() -> None:
    call, left = script("busy", "busy", "gone")
    PLANE.remove("deleting", call)
    assert left == []


def test_a_removal_that_stays_refused_ends_with_the_refusal() -> None:
    def always() -> None:
        raise Answer("busy")

    with pytest.raises(CloudFailure, match="busy"):
        HASTY.remove("deleting network n-1", always)


def test_a_wait_ends_at_its_deadline_and_says_what_it_waited_for() -> None:
    with pytest.raises(DeadlinePassed, match=r"waited 0\.02 s for server app-1 to run"):
        PLANE.wait_for("server app-1 to run", lambda: None, seconds=0.02)
