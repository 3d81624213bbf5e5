"""What a person may rely on in the plan of a deploy."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from liferaft.config import Config
from liferaft.moves import deploy
from liferaft.moves.inputs import DeployInputs
from liferaft.plan.plan import Plan

REIGNS = DeployInputs(site="east", epoch=1, reigns=True)
STANDS_BY = DeployInputs(site="north", epoch=1, reigns=False)
SENTENCE = re.compile(r"[A-Z][^{}]* [^{}]*[^.\s]")

Before = Callable[[Plan, str], set[str]]


@pytest.fixture(params=["config", "wide"])
def shape(request: pytest.FixtureRequest) -> Config:
    config: Config = request.getfixturevalue(request.param)
    return config


def test_a_standby_is_only_made_ready_without_servers(shape: Config) -> None:
    plan = deploy.plan(shape, STANDS_BY)
    assert [step.name for step in plan.order()] == ["secrets", "reserve"]
    assert vars(plan.steps[1].action) == {"site": "north", "epoch": 1, "servers": False}


def test_a_bucket_is_spoken_of_only_where_the_app_keeps_one(config: Config) -> None:
    data = {name: one for name, one in config.data.items() if one.kind != "bucket"}
    without = config.model_copy(update={"data": data})
    for inputs in (STANDS_BY, REIGNS):
        assert any("bucket" in step.sentence for step in deploy.plan(config, inputs).steps)
        assert not any("bucket" in step.sentence for step in deploy.plan(without, inputs).steps)


def test_nothing_is_built_before_the_site_reigns(shape: Config, before: Before) -> None:
    plan = deploy.plan(shape, REIGNS)
    for step in plan.steps:
        if step.name not in {"secrets", "epoch"}:
            assert {"secrets", "epoch"} <= before(plan, step.name), step.name


def test_the_application_starts_with_its_image_on_a_server_that_reaches_the_vault(
    shape: Config, before: Before
) -> None:
    plan = deploy.plan(shape, REIGNS)
    workloads = [step.name for step in plan.steps if step.name.startswith("workload-")]
    assert workloads
    for workload in workloads:
        server = workload.removeprefix("workload-")
        assert {f"image-{server}", f"equip-{server}", "database"} <= before(plan, workload)


def test_the_certificate_is_asked_for_only_once_the_name_points_here(
    shape: Config, before: Before
) -> None:
    plan = deploy.plan(shape, REIGNS)
    vendors = {f"dns-{vendor}" for vendor in shape.dns.vendors}
    assert vendors <= before(plan, "edge")


def test_the_proof_comes_after_everything_that_users_need(shape: Config, before: Before) -> None:
    plan = deploy.plan(shape, REIGNS)
    needed = {name for name in (s.name for s in plan.steps) if name.startswith(("work", "dns"))}
    assert needed | {"edge", "database"} <= before(plan, "prove")


def test_images_go_through_the_operator_once_and_from_the_vault_to_the_other_servers(
    wide: Config, before: Before
) -> None:
    plan = deploy.plan(wide, REIGNS)
    kinds = {step.name: type(step.action).__name__ for step in plan.steps}
    assert kinds["image-app-1"] == "DeliverContainerImages"
    for other in ("image-app-2", "image-app-3", "image-jobs-1", "image-jobs-2"):
        assert kinds[other] == "LoadContainerImages"
        assert "image-app-1" in before(plan, other)


def test_a_deploy_has_no_point_of_no_return(shape: Config) -> None:
    for inputs in (REIGNS, STANDS_BY):
        assert not any(step.point_of_no_return for step in deploy.plan(shape, inputs).steps)


def test_the_same_inputs_give_the_same_plan_and_another_shape_another(
    config: Config, wide: Config
) -> None:
    assert deploy.plan(config, REIGNS).digest() == deploy.plan(config, replace(REIGNS)).digest()
    assert deploy.plan(config, REIGNS).digest() != deploy.plan(wide, REIGNS).digest()


def test_every_step_is_said_in_a_sentence_and_ends_in_time(shape: Config) -> None:
    for inputs in (REIGNS, STANDS_BY):
        for step in deploy.plan(shape, inputs).steps:
            assert SENTENCE.fullmatch(step.sentence), step.sentence
            assert 0 < step.deadline <= 3600
