"""What the comparison with the raw tools makes of its seconds."""

import pytest
from benchmarks.data import OURS, RAW, TWO, figures, table


@pytest.mark.parametrize(
    ("ours", "two", "broken"),
    [
        ([22.9, 23.0, 90.0], [40.0, 41.0, 42.0], 0),
        ([23.1, 23.2, 90.0], [40.0, 41.0, 42.0], 1),
        ([20.0, 20.0, 20.0], [50.0, 50.0, 50.0], 0),
        ([20.0, 20.0, 20.0], [51.0, 51.0, 51.0], 1),
    ],
)
def test_medians_count_and_five_percent_and_two_seconds_are_allowed(
    ours: list[float], two: list[float], broken: int
) -> None:
    found = figures("backup", 1024, {RAW: [20.0, 20.0, 5.0], OURS: ours, TWO: two})
    assert found["allowed"] == 23.0
    assert len(found["broken"]) == broken
    assert all(words in table(found) for words in found["broken"])


def test_what_goes_to_one_vault_alone_says_nothing_of_two() -> None:
    found = figures("restore", 1024, {RAW: [20.0], OURS: [21.0]})
    assert "two_vaults_of_one" not in found
    assert found["broken"] == []
