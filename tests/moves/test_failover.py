"""What a person may rely on in the plan of a failover, however large the application is."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.postgres.facts import Timeline
from liferaft.moves import failover
from liferaft.moves.inputs import FailoverInputs
from liferaft.plan.plan import Plan

SENTENCE = re.compile(r"[A-Z][^{}]* [^{}]*[^.\s]")

Before = Callable[[Plan, str], set[str]]


@pytest.fixture(params=["config", "wide"])
def plan(request: pytest.FixtureRequest) -> Plan:
    config: Config = request.getfixturevalue(request.param)
    return failover.plan(config, FAILOVER)


def names(plan: Plan, beginning: str) -> set[str]:
    found = {step.name for step in plan.steps if step.name.startswith(beginning)}
    assert found
    return found


def test_nothing_in_it_touches_the_site_that_is_left(plan: Plan) -> None:
    said: list[Any] = [value for step in plan.steps for value in vars(step.action).values()]
    assert "north" in said
    assert "east" not in said


def test_names_are_switched_before_the_fence_and_wait_for_no_server(
    plan: Plan, before: Before
) -> None:
    vendors = names(plan, "dns-")
    assert vendors <= before(plan, "fence")
    assert {need for vendor in vendors for need in before(plan, vendor)} == {"reserve"}


def test_each_dns_vendor_is_a_step_of_its_own_that_waits_for_no_other(
    wide: Config, before: Before
) -> None:
    plan = failover.plan(wide, FAILOVER)
    assert names(plan, "dns-") == {"dns-one", "dns-two"}
    assert not before(plan, "dns-one") & names(plan, "dns-")
    assert not before(plan, "dns-two") & names(plan, "dns-")


def test_all_that_can_fail_on_the_way_comes_before_the_point_of_no_return(
    plan: Plan, before: Before
) -> None:
    done = before(plan, "fence")
    assert {"reserve", "servers", "restore", "certificates", "edge", "secrets"} <= done
    assert names(plan, "image-") | names(plan, "trust-") | names(plan, "equip-") <= done


def test_the_fence_alone_is_the_point_of_no_return(plan: Plan) -> None:
    assert [step.name for step in plan.steps if step.point_of_no_return] == ["fence"]


def test_the_archive_is_replayed_to_its_end_only_after_the_fence(
    plan: Plan, before: Before
) -> None:
    assert "fence" in before(plan, "replay")
    assert "replay" in before(plan, "promote")


def test_the_new_archive_is_prepared_beside_the_replay_and_before_the_promotion(
    plan: Plan, before: Before
) -> None:
    """A vault that does not answer is known as such after seconds that nobody else waits for."""
    assert "fence" in before(plan, "archive")
    assert "archive" in before(plan, "promote")
    assert not {"replay", "archive"} & (before(plan, "replay") | before(plan, "archive"))


def test_the_application_starts_only_on_a_primary(plan: Plan, before: Before) -> None:
    for workload in names(plan, "workload-"):
        assert "promote" in before(plan, workload)
        assert workload in before(plan, "prove")


def test_the_holding_page_waits_for_no_data(plan: Plan, before: Before) -> None:
    assert not before(plan, "edge") & {"restore", "fence", "replay", "promote"}


def test_the_bucket_is_copied_behind_and_nothing_waits_for_it(plan: Plan, before: Before) -> None:
    assert "prove" in before(plan, "bucket-media")
    assert not [step.name for step in plan.steps if "bucket-media" in step.needs]


def test_every_server_is_trusted_and_equipped_on_its_own(wide: Config, before: Before) -> None:
    plan = failover.plan(wide, FAILOVER)
    servers = {"db-1", "app-1", "app-2", "app-3", "jobs-1", "jobs-2"}
    assert names(plan, "equip-") == {f"equip-{server}" for server in servers}
    for server in servers:
        waited = before(plan, f"equip-{server}")
        assert waited == {"reserve", "servers", f"trust-{server}"}


def test_every_application_server_runs_its_own_services(wide: Config) -> None:
    plan = failover.plan(wide, FAILOVER)
    sentences = {step.name: step.sentence for step in plan.steps}
    assert sentences["workload-app-3"] == "Start web on app-3"
    assert sentences["workload-jobs-2"] == "Start worker on jobs-2"
    assert "workload-db-1" not in sentences


def test_the_same_inputs_give_the_same_plan(config: Config) -> None:
    one, two = failover.plan(config, FAILOVER), failover.plan(config, replace(FAILOVER))
    assert one.digest() == two.digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(FAILOVER, site="east"),
        replace(FAILOVER, epoch=3),
        replace(FAILOVER, point="20261122T150000Z"),
        replace(FAILOVER, facts={"postgres": Timeline(2)}),
    ],
)
def test_another_fact_gives_another_plan(config: Config, other: FailoverInputs) -> None:
    assert failover.plan(config, FAILOVER).digest() != failover.plan(config, other).digest()


def test_every_step_is_said_in_a_sentence_and_ends_in_time(plan: Plan) -> None:
    for step in plan.steps:
        assert SENTENCE.fullmatch(step.sentence), step.sentence
        assert 0 < step.deadline <= 24 * 3600


def test_no_two_steps_read_the_same(plan: Plan) -> None:
    sentences = [step.sentence for step in plan.steps]
    assert len(set(sentences)) == len(sentences)
