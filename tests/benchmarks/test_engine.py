"""What the engine's benchmark makes of its figures."""

from benchmarks.engine import faults, medians, table

GOOD = {"preview": 0.6, "first up": 1.0, "no-change up": 0.8, "no-change preview": 0.4}


def test_the_median_of_three_rounds_counts() -> None:
    assert medians([{"up": 9.0}, {"up": 1.004}, {"up": 1.5}]) == {"up": 1.5}


def test_a_limit_that_does_not_hold_is_said_with_both_figures() -> None:
    assert faults(GOOD, {**GOOD, "first up": 12.0}) == []
    assert faults({**GOOD, "preview": 1.25}, GOOD) == [
        "preview: 1.25 s for 100 resources, 1.2 s allowed"
    ]
    assert faults(GOOD, {**GOOD, "first up": 12.1}) == [
        "1,000 resources take 12.1 times as long as 100; 12.0 allowed"
    ]


def test_the_table_has_a_column_for_each_engine() -> None:
    shown = table({"embedded, 100": GOOD, "Pulumi CLI, 100": {**GOOD, "stack init": 3.0}})
    assert shown.splitlines()[0].split("  ")[0] == "seconds"
    assert "Pulumi CLI, 100" in shown
    assert "stack init" not in shown
