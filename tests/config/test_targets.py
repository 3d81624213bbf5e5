"""What a failover may cost is a span of time that cannot be misread, or is not set at all."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.loading import load

from liferaft.config import ConfigInvalid

Written = Callable[[str], Path]


@pytest.mark.parametrize(
    ("written_as", "span"),
    [
        ("1s", timedelta(seconds=1)),
        ("15m", timedelta(minutes=15)),
        ("4h", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
    ],
)
def test_a_span_is_a_number_and_a_unit(
    written: Written, valid: str, written_as: str, span: timedelta
) -> None:
    found = load(written(f'{valid}\n[targets]\nrto = "{written_as}"\n')).targets
    assert (found.rto, found.rpo) == (span, None)
    assert found.to_json() == {"rto": span.total_seconds()}


def test_without_the_table_there_is_no_target(written: Written, valid: str) -> None:
    assert load(written(valid)).targets.to_json() == {}


@pytest.mark.parametrize("odd", ['"0s"', '"15"', '"15 m"', '"-1m"', '"1w"', "900", "true", '""'])
def test_what_is_no_span_is_told_with_what_would_be_one(
    written: Written, valid: str, odd: str
) -> None:
    with pytest.raises(ConfigInvalid) as told:
        load(written(f"{valid}\n[targets]\nrpo = {odd}\n"))
    assert "rpo" in str(told.value.facts)
    assert '"30s"' in str(told.value.facts)


def test_a_target_of_another_name_is_no_target(written: Written, valid: str) -> None:
    with pytest.raises(ConfigInvalid):
        load(written(f'{valid}\n[targets]\nrto_seconds = "15m"\n'))
