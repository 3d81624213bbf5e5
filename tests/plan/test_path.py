"""How long a run took is decided by one chain of its steps."""

from tests.plan.test_plan import step

from liferaft.plan.path import critical_path


def test_the_critical_path_is_the_longest_chain_by_measured_seconds() -> None:
    steps = (step("a"), step("slow", "a"), step("quick", "a"), step("end", "slow", "quick"))
    seconds = {"a": 1.0, "slow": 5.0, "quick": 2.0, "end": 1.0}
    assert critical_path(steps, seconds) == (7.0, ("a", "slow", "end"))
