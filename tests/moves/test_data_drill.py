"""A drill of the data alone: one server, the same steps for its data, and none for the app."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.moves import drill
from liferaft.moves.actions.servers import EquipServer
from liferaft.moves.allowance import servers_of
from liferaft.moves.data_drill import one_server
from liferaft.moves.trial_site import trial_config, trial_site
from liferaft.plan.plan import Plan
from liferaft.site.roster import roster

Before = Callable[[Plan, str], set[str]]


def planned(config: Config, *, data_only: bool = True) -> Plan:
    trial = trial_config(config, "north")
    inputs = drill.inputs_for(
        replace(FAILOVER, site=trial_site("north")), "north", data_only=data_only
    )
    return drill.plan(one_server(trial) if data_only else trial, inputs)


@pytest.fixture(params=["config", "wide"])
def given(request: pytest.FixtureRequest) -> Config:
    found: Config = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def plan(given: Config) -> Plan:
    return planned(given)


def test_one_server_is_made_and_it_is_the_databases(given: Config) -> None:
    alone = one_server(given)
    (name,) = servers_of(alone, "north")
    assert name.endswith(roster(given).database.name)
    assert roster(alone).database.name == roster(given).database.name


def test_nothing_of_the_application_is_brought_or_started(plan: Plan) -> None:
    names = {step.name for step in plan.steps}
    assert not {"edge", "prove", "certificate", "certificates", "check"} & names
    assert not [name for name in names if name.startswith(("workload-", "image", "dns-"))]


def test_each_step_for_data_is_there_as_in_the_whole_drill(given: Config, plan: Plan) -> None:
    whole = {step.name for step in planned(given, data_only=False).steps}
    alone = {step.name for step in plan.steps}
    assert alone <= whole
    assert {"restore", "replay", "promote", "clean", "fence", "denied"} <= alone
    for name in given.data:
        assert {f"write-{name}"} <= alone


def test_who_waited_for_the_application_waits_for_what_it_waited_for(
    plan: Plan, before: Before
) -> None:
    for step in plan.steps:
        if step.name.startswith("write-"):
            assert {"promote", "replay", "fence", "restore", "clean"} <= before(plan, step.name)
    assert {one.name for one in plan.steps} - before(plan, "denied") == {"denied"}


def test_the_server_is_shut_before_anything_is_restored(plan: Plan, before: Before) -> None:
    assert [name for name in before(plan, "restore") if name.startswith("isolate-")]


def test_the_server_gets_what_its_data_needs_and_no_web_server(plan: Plan) -> None:
    (action,) = (step.action for step in plan.steps if isinstance(step.action, EquipServer))
    assert "pgbackrest" in action.packages
    assert not {"caddy", "podman", "podman-compose"} & set(action.packages)


def test_it_is_back_once_all_of_it_takes_writes(given: Config, plan: Plan) -> None:
    assert isinstance(plan.inputs, drill.DrillInputs)
    wanted = {f"write-{name}" for name in given.data}
    assert set(drill.proven_by(plan, plan.inputs)) == wanted
