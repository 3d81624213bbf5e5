"""The plan of a destroy says what goes, and whether somebody uses it."""

from dataclasses import replace

from liferaft.config import Config
from liferaft.moves import destroy
from liferaft.moves.inputs import DestroyInputs
from liferaft.plan.step import Step

INPUTS = DestroyInputs(site="north", epoch=1, reigns=False)


def last(config: Config, inputs: DestroyInputs) -> Step:
    return destroy.plan(config, inputs).order()[-1]


def test_what_cannot_be_undone_comes_last(config: Config) -> None:
    step = last(config, INPUTS)
    assert step.point_of_no_return
    assert step.sentence == "Delete servers, bucket, address and network at north (hetzner)"


def test_nothing_is_deleted_before_the_name_has_left_at_every_vendor_and_was_outlasted(
    config: Config,
) -> None:
    plan = destroy.plan(config, INPUTS)
    steps = {step.name: step for step in plan.steps}
    assert steps["destroy"].needs == ("outlast",)
    assert steps["outlast"].needs == tuple(f"leave-{vendor}" for vendor in config.dns.vendors)
    assert not any(step.point_of_no_return for step in plan.order()[:-1])


def test_a_person_reads_when_the_application_runs_there(config: Config) -> None:
    step = last(config, DestroyInputs(site="east", epoch=1, reigns=True))
    assert step.sentence.endswith("at east (aws): the application runs there now")


def test_a_person_reads_where_the_name_is_led_instead(config: Config) -> None:
    inputs = replace(INPUTS, instead="east")
    (first, *_) = destroy.plan(config, inputs).order()
    domain = config.app.domain
    assert first.sentence.startswith(f"Point {domain} at east where it still points to north")


def test_the_same_inputs_give_the_same_plan(config: Config) -> None:
    one, two = destroy.plan(config, INPUTS), destroy.plan(config, replace(INPUTS))
    assert one.digest() == two.digest()
    assert one.digest() != destroy.plan(config, replace(INPUTS, site="east")).digest()
