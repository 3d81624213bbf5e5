"""What is typed wrongly is told before a real account is asked for anything."""

from pathlib import Path

import pytest
from benchmarks.live.options import options


@pytest.mark.parametrize("amount", ["nan", "inf", "0", "-4", "", "five"])
@pytest.mark.parametrize("option", ["--budget", "--minutes"])
def test_a_bound_that_bounds_nothing_is_refused(
    option: str, amount: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        options(["hetzner", f"{option}={amount}"])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert f"argument {option}: {amount!r} is no number above 0" in said
    assert "Safe: Nothing was asked of any cloud." in said


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "required: cloud"),
        (["azure"], "'azure'"),
        (["hetzner", "--part=all"], "'all'"),
        (["hetzner", "--report=/dev/null/report.json"], "there is no folder /dev/null"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_type_instead(
    arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        options(arguments)
    said = capsys.readouterr().err
    assert reason in said
    assert "make live CLOUD=hetzner BUDGET=5" in said


def test_without_more_a_run_costs_five_at_the_most_and_takes_an_hour() -> None:
    told = options(["gcp"])
    assert (told.budget, told.minutes, told.yes) == (5.0, 60.0, False)
    assert told.report == Path("live-report.json")
