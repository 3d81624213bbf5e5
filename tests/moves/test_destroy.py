"""The plan of a destroy says what goes, and whether somebody uses it."""

from dataclasses import replace

from liferaft.config import Config
from liferaft.moves import destroy
from liferaft.moves.inputs import DestroyInputs

INPUTS = DestroyInputs(site="north", epoch=1, reigns=False)


def test_a_destroy_is_one_step_that_cannot_be_undone(config: Config) -> None:
    (step,) = destroy.plan(config, INPUTS).steps
    assert step.point_of_no_return
    assert step.sentence == "Delete servers, bucket, address and network at north (hetzner)"


def test_a_person_reads_when_the_application_runs_there(config: Config) -> None:
    (step,) = destroy.plan(config, DestroyInputs(site="east", epoch=1, reigns=True)).steps
    assert step.sentence.endswith("at east (aws): the application runs there now")


def test_the_same_inputs_give_the_same_plan(config: Config) -> None:
    one, two = destroy.plan(config, INPUTS), destroy.plan(config, replace(INPUTS))
    assert one.digest() == two.digest()
    assert one.digest() != destroy.plan(config, replace(INPUTS, site="east")).digest()
