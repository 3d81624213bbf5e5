"""A plan is data: it can be ordered, compared and measured without running anything."""

from dataclasses import dataclass

import pytest

from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step


@dataclass(frozen=True)
class Nothing:
    argument: str = ""

    async def holds(self, world: object) -> bool:
        raise AssertionError("building a plan touches nothing")

    async def apply(self, world: object) -> dict[str, str]:
        raise AssertionError("building a plan touches nothing")

    async def prove(self, world: object) -> None:
        raise AssertionError("building a plan touches nothing")


def step(name: str, *needs: str, argument: str = "") -> Step:
    return Step(name, f"Do {name}", Nothing(argument), needs=needs)


def plan(*steps: Step) -> Plan:
    return Plan("deploy", Inputs(site="here", epoch=1, reigns=True), steps)


def test_every_step_comes_after_what_it_needs() -> None:
    order = [s.name for s in plan(step("c", "b"), step("b", "a"), step("a")).order()]
    assert order == ["a", "b", "c"]


def test_a_need_that_no_step_meets_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="absent"):
        plan(step("a", "ghost"))


def test_two_steps_of_one_name_are_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        plan(step("a"), step("a"))


def test_steps_that_wait_for_each_other_are_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="waits for itself"):
        plan(step("a", "b"), step("b", "a"))


def test_the_digest_changes_with_what_would_be_done_and_not_with_the_order_of_writing() -> None:
    one = plan(step("a"), step("b", "a"))
    assert one.digest() == plan(step("b", "a"), step("a")).digest()
    assert one.digest() != plan(step("a", argument="other"), step("b", "a")).digest()
    assert one.digest() != plan(step("a"), step("b")).digest()


def test_steps_that_may_start_together_stand_in_one_wave() -> None:
    waves = plan(step("a"), step("b"), step("c", "a", "b"), step("d", "a")).levels()
    assert [{s.name for s in wave} for wave in waves] == [{"a", "b"}, {"c", "d"}]
