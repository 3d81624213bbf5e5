"""What rooms hang on a move is in its plan, at its place."""

import pytest
from tests.plan.test_plan import Nothing

from liferaft.plan.milestones import WAITING, Hanging, Hung, Milestone
from liferaft.plan.step import Step


def step(name: str) -> Step:
    return Step(name, f"Do {name}", Nothing())


def test_a_milestone_of_a_server_waits_for_what_hangs_there_and_for_what_hangs_anywhere() -> None:
    hanging = Hanging(
        tuple(
            Hung(step(name), Milestone.EQUIPPED, before=(Milestone.SERVING,), server=server)
            for name, server in (("a", "app-1"), ("b", "app-2"), ("all", ""))
        )
    )
    assert hanging.before(Milestone.SERVING, "app-1") == ("a", "all")
    assert hanging.before(Milestone.SERVING) == ("a", "b", "all")
    assert hanging.before(Milestone.FENCED) == ()


@pytest.mark.parametrize("milestone", sorted(set(Milestone) - WAITING))
def test_a_step_that_nothing_would_wait_for_is_refused(milestone: Milestone) -> None:
    with pytest.raises(ValueError, match="nothing waits"):
        Hung(step("a"), Milestone.RESERVED, before=(milestone,))
