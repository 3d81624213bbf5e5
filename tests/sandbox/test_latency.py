import pytest
from click.testing import CliRunner

from liferaft_sandbox.command import sandbox


@pytest.mark.parametrize("value", ["80", "80s", "-1ms", "2000ms", "fast", "0x10ms"])
def test_a_latency_without_a_unit_or_beyond_reason_is_refused_before_anything_is_done(
    value: str,
) -> None:
    said = CliRunner().invoke(sandbox, ["up", f"--latency={value}"])
    assert said.exit_code == 2
    assert "no round trip such as 80ms" in said.output
    assert "Nothing was done" in said.output


def test_a_sandbox_that_is_up_keeps_its_distances() -> None:
    said = CliRunner().invoke(sandbox, ["rehearse", "--latency=80ms", "--in=other"])
    assert "was decided when it came up" in str(said.exception)
