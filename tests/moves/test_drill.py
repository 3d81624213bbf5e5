"""What a person may rely on in the plan of a drill: it is the failover, and touches nobody."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.config.drill_check import CheckCommand
from liferaft.config.drills import DrillConfig
from liferaft.moves import drill, failover
from liferaft.moves.actions.drill import StartOnTrial
from liferaft.moves.actions.drill_check import RunCheckOnTrial
from liferaft.moves.actions.isolate import IsolateServer
from liferaft.moves.missing import missing_vendors
from liferaft.moves.trial_site import trial_config, trial_site
from liferaft.plan.plan import Plan

Before = Callable[[Plan, str], set[str]]
DEPOT = """\
[vaults.depot]
url = "s3://second"
endpoint = "https://objects.depot.test"

[sites.east]"""
NEVER = ("dns-", "archive", "keeper-", "release", "secrets", "points", "certkeeping", "blueprint")
"""How steps begin by which something outside of the drill would change."""


def planned(config: Config, *missing: str) -> Plan:
    found = replace(FAILOVER, site=trial_site("north"))
    gone = missing_vendors(config, "north", missing)
    inputs = drill.inputs_for(found, "north", missing=gone, seed=7 if missing else None)
    return drill.plan(trial_config(config, "north"), inputs)


def shut(plan: Plan) -> list[IsolateServer]:
    found = [one.action for one in plan.steps if isinstance(one.action, IsolateServer)]
    assert found
    return found


@pytest.fixture(params=["config", "wide"])
def plan(request: pytest.FixtureRequest) -> Plan:
    return planned(request.getfixturevalue(request.param))


def test_no_dns_vendor_no_archive_and_no_record_of_others_is_in_it(plan: Plan) -> None:
    assert not [step.name for step in plan.steps if step.name.startswith(NEVER)]


def test_all_else_that_a_failover_does_it_does_as_well(config: Config) -> None:
    """But for what starts the workload, which starts less of it."""
    real = failover.plan(config, FAILOVER)
    left = {step.name for step in real.steps} - {step.name for step in planned(config).steps}
    assert {name for name in left if not name.startswith(NEVER)} == set()


def test_neither_the_standby_nor_the_site_that_reigns_is_named_in_what_is_done(plan: Plan) -> None:
    said: list[Any] = [value for step in plan.steps for value in vars(step.action).values()]
    assert "north-drill" in said
    assert not {"north", "east"} & {one for one in said if isinstance(one, str)}


def test_nothing_is_made_before_what_an_earlier_drill_left_is_gone(
    plan: Plan, before: Before
) -> None:
    assert before(plan, "reserve") == {"clean"}


def test_there_is_a_way_back_from_each_of_its_steps(plan: Plan) -> None:
    assert not [step.name for step in plan.steps if step.point_of_no_return]


def test_no_page_is_served_before_the_restored_certificate_is_known_to_hold(
    plan: Plan, before: Before
) -> None:
    assert {"certificates", "certificate"} <= before(plan, "edge")


def test_the_copy_takes_writes_only_once_its_archive_is_off(config: Config) -> None:
    (promote,) = (step for step in planned(config).steps if step.name == "promote")
    assert type(promote.action).__name__ == "PromoteCopy"


def test_what_runs_and_what_it_is_told_is_as_the_configuration_says(config: Config) -> None:
    told = DrillConfig(run=("worker",), environment={"SMTP_PASSWORD": "drill"})
    plan = planned(config.model_copy(update={"drill": told}))
    started = [one.action for one in plan.steps if isinstance(one.action, StartOnTrial)]
    assert started
    assert {one.run for one in started} == {("worker",)}
    assert {tuple(one.instead.items()) for one in started} == {(("SMTP_PASSWORD", "drill"),)}


def test_the_applications_own_check_comes_once_it_is_well(config: Config, before: Before) -> None:
    told = DrillConfig(check="https://www.chirp.test/smoke")
    plan = planned(config.model_copy(update={"drill": told}))
    assert "prove" in before(plan, "check")
    assert "check" in before(plan, "denied")
    assert "check" not in {step.name for step in planned(config).steps}


def test_a_check_may_be_a_command_in_a_container_that_serves_in_the_drill(
    config: Config, before: Before
) -> None:
    asked = CheckCommand(service="web", command=("python", "smoke.py"), within=30)
    told = DrillConfig(check=asked, run=("worker",), environment={"SMTP_PASSWORD": "drill"})
    plan = planned(config.model_copy(update={"drill": told}))
    (step,) = (one for one in plan.steps if one.name == "check")
    assert isinstance(step.action, RunCheckOnTrial)
    assert step.action.command == ("python", "smoke.py")
    assert step.action.instead == {"SMTP_PASSWORD": "drill"}
    assert step.deadline > 30
    assert "prove" in before(plan, "check")
    assert "check" in before(plan, "denied")


def test_what_is_shown_ends_with_the_deletion_after_all_else(config: Config) -> None:
    plan = planned(config)
    inputs = plan.inputs
    assert isinstance(inputs, drill.DrillInputs)
    shown = drill.whole(plan, drill.teardown(inputs))
    assert shown.order()[-1].name == "teardown"


def test_a_vault_that_is_missing_is_left_out_and_called_by_every_server(
    configured: Callable[..., Config],
) -> None:
    plan = planned(configured(("[sites.east]", DEPOT)), "depot")
    assert {(one.without, one.called) for one in shut(plan)} == {
        (("depot",), ("objects.depot.test:443",))
    }
    assert "Shut db-1: it calls nobody but the vaults without depot" in {
        one.sentence for one in plan.steps
    }


def test_whom_drills_may_call_is_not_called_where_its_vendor_is_missing(
    configured: Callable[..., Config],
) -> None:
    allow = '[drill]\nallow = ["objects.depot.test", "sqs.amazonaws.com:443", "api.test"]\n\n'
    config = configured(("[sites.east]", allow + DEPOT))
    assert {one.allow for one in shut(planned(config, "depot", "aws"))} == {("api.test",)}
    assert {len(one.allow) for one in shut(planned(config))} == {3}


def test_without_the_mirror_servers_are_shut_before_anything_is_installed(
    config: Config, before: Before
) -> None:
    plan = planned(config, "mirror")
    for server in ("db-1", "app-1"):
        assert f"isolate-{server}" in before(plan, f"equip-{server}")
        assert f"trust-{server}" in before(plan, f"isolate-{server}")
    usual = planned(config)
    assert "equip-db-1" in before(usual, "isolate-db-1")
    assert {one.name for one in plan.steps} == {one.name for one in usual.steps}


def test_a_drill_with_a_vendor_missing_is_another_plan(config: Config) -> None:
    """Whoever agreed to the one has not agreed to the other."""
    assert planned(config, "mirror").digest() != planned(config).digest()
    assert planned(config, "ca").digest() != planned(config).digest()


def test_a_journal_gives_back_what_was_missing_and_by_which_seed(config: Config) -> None:
    inputs = planned(config, "mirror", "ca").inputs
    assert isinstance(inputs, drill.DrillInputs)
    found = drill.DrillInputs.from_json(json.loads(json.dumps(inputs.to_json())))
    assert (list(found.denied), found.seed) == (["mirror", "ca"], 7)
    assert drill.plan(trial_config(config, "north"), found).order()


def test_a_journal_gives_the_inputs_back(config: Config) -> None:
    inputs = planned(config).inputs
    assert isinstance(inputs, drill.DrillInputs)
    found = drill.DrillInputs.from_json(inputs.to_json())
    assert (found.site, found.standby, found.point) == (inputs.site, "north", inputs.point)
    assert found.facts["postgres"] == inputs.facts["postgres"]
