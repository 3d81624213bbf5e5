"""A run of `make live` ends with nothing left, however it ends."""

import json
from pathlib import Path

import pytest
from benchmarks.live.report import Outcome
from tests.benchmarks.live.modelled import (
    ENVIRON,
    CloudOfOtherFilters,
    Played,
    StubbornCloud,
    outcomes,
)

from benchmarks.live import APP
from liferaft.clouds.contract import Owner
from liferaft.clouds.kinds import BucketSpec, NetworkSpec


def test_a_whole_story_is_as_expected_and_leaves_nothing(tmp_path: Path) -> None:
    played = Played(tmp_path)
    report = played.play()
    assert set(outcomes(report).values()) == {Outcome.AS_EXPECTED}
    assert (report.state, report.left, report.differed) == ("ended", [], [])
    assert played.cloud.holds.things == {}
    told = json.loads((tmp_path / "live-report.json").read_text())
    assert told["schema"] == 1
    assert [step["name"] for step in told["steps"]] == [step.name for step in report.steps]


def test_what_is_least_sure_is_asked_first_and_machines_last(tmp_path: Path) -> None:
    order = [step.name for step in Played(tmp_path).play().steps]
    assert order[0] == "token"
    asked = ["list server", "network", "bucket", "conditional writes", "address", "server"]
    assert sorted(asked, key=order.index) == asked
    assert order.index("machine_image") > order.index("ssh")


def test_a_refusal_in_the_middle_is_reported_and_the_rest_goes_on(tmp_path: Path) -> None:
    played = Played(tmp_path)
    played.cloud.holds.full = frozenset({"address"})
    report = played.play()
    (difference,) = report.differed
    assert difference.step == "address"
    assert (difference.came.verdict, difference.came.code) == ("quota", "quota_exceeded")
    told = outcomes(report)
    assert told["server"] == Outcome.NOT_TRIED
    assert told["delete bucket"] == Outcome.AS_EXPECTED
    assert played.cloud.holds.things == {}


def test_what_a_listing_shows_wrongly_is_used_and_deleted_all_the_same(tmp_path: Path) -> None:
    played = Played(tmp_path)
    played.reach.objects.list = lambda _="": ()  # type: ignore[method-assign,assignment]  # a store that lists nothing
    report = played.play()
    told = outcomes(report)
    assert told["objects"] == Outcome.DIFFERED
    assert told["conditional writes"] == Outcome.NOT_TRIED
    assert told["server"] == Outcome.AS_EXPECTED
    assert played.cloud.holds.things == {}


def test_the_budget_ends_it_before_it_is_exceeded(tmp_path: Path) -> None:
    played = Played(tmp_path, limit=0.03)  # an address and a bucket for the hour cost 0.02
    report = played.play()
    told = outcomes(report)
    assert (told["address"], told["server"]) == (Outcome.AS_EXPECTED, Outcome.BUDGET)
    assert 0 < report.estimate <= 0.03
    assert report.differed == []
    assert played.cloud.holds.things == {}


def test_after_its_deadline_nothing_is_made_and_everything_deleted(tmp_path: Path) -> None:
    played = Played(tmp_path)

    def an_hour_later() -> None:
        played.clock.now += 3600

    played.reach.at_login = an_hour_later
    told = outcomes(played.play())
    assert told["ssh"] == Outcome.AS_EXPECTED
    assert told["volume"] == told["delete server"] == Outcome.DEADLINE
    assert played.cloud.holds.things == {}


def test_a_deletion_that_is_refused_at_first_is_tried_again(tmp_path: Path) -> None:
    played = Played(tmp_path, StubbornCloud())
    report = played.play()
    assert "delete server" in {one.step for one in report.differed}
    assert report.left == []
    assert played.cloud.holds.things == {}


def test_what_cannot_be_deleted_stands_in_the_report(tmp_path: Path) -> None:
    cloud = StubbornCloud()
    played = Played(tmp_path, cloud)
    cloud.refuse("bucket", played.run.bucket, times=99)
    report = played.play()
    (left,) = report.left
    assert left.startswith("bucket")
    assert played.run.bucket in left
    assert f"of {report.run}" in left


@pytest.mark.parametrize("end", [SystemExit(143), KeyboardInterrupt(), MemoryError()])
def test_an_interruption_deletes_everything_before_it_ends_the_run(
    tmp_path: Path, end: BaseException
) -> None:
    played = Played(tmp_path)

    def interrupted() -> None:
        assert len(played.cloud.holds.things) == 6
        raise end

    played.reach.at_login = interrupted
    if isinstance(end, Exception):
        assert "ssh" in {one.step for one in played.play().differed}
    else:
        with pytest.raises(type(end)):
            played.play()
        report = json.loads((tmp_path / "live-report.json").read_text())
        assert (report["state"], report["left"]) == ("interrupted", [])
    assert played.cloud.holds.things == {}


def test_the_next_run_says_and_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    played = Played(tmp_path)
    owner = Owner.of("urn:of:another:run", app=APP, site="run-1", epoch=1)
    played.cloud.kinds["network"].create(NetworkSpec("network"), owner)
    report = played.play()
    assert f"left here: network {APP}-run-1-network (aws-1-network-1) of run-1" in played.said
    assert set(outcomes(report).values()) == {Outcome.AS_EXPECTED}
    assert played.cloud.holds.things == {}


def test_to_clean_makes_nothing_and_touches_nothing_of_other_apps(tmp_path: Path) -> None:
    played = Played(tmp_path)
    networks = played.cloud.kinds["network"]
    ours = Owner.of("urn:ours", app=APP, site="run-1", epoch=1)
    theirs = Owner.of("urn:theirs", app="chirp", site="here", epoch=1)
    networks.create(NetworkSpec("network"), ours)
    kept = networks.create(NetworkSpec("network"), theirs)
    assert played.run.clean().sentences == []
    assert set(played.cloud.holds.things) == {kept.id}


def test_a_kind_that_cannot_be_listed_is_not_made(tmp_path: Path) -> None:
    """It could not be found again, and what there is of it is not known."""
    report = Played(tmp_path, CloudOfOtherFilters()).play()
    told = outcomes(report)
    assert told["list volume"] == Outcome.DIFFERED
    assert told["volume"] == Outcome.NOT_TRIED
    assert told["machine_image"] == Outcome.AS_EXPECTED
    (left,) = report.left
    assert left.startswith("volume: not known")


def test_no_secret_of_the_operator_is_in_the_report(tmp_path: Path) -> None:
    played = Played(tmp_path, StubbornCloud())
    played.play()
    text = (tmp_path / "live-report.json").read_text()
    assert "busy" in text
    for secret in (*ENVIRON.values(), "123456789012"):
        assert secret not in text


def test_a_bucket_that_was_killed_before_it_was_labelled_is_found_by_its_name(
    tmp_path: Path,
) -> None:
    played = Played(tmp_path)
    name = played.run.bucket
    nobody = Owner.of("urn:liferaft:live::" + name, app="", site="", epoch=0)
    played.cloud.kinds["bucket"].create(BucketSpec(name), nobody)
    assert played.run.clean().sentences == []
    assert played.cloud.holds.things == {}
