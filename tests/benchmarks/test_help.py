"""What the benchmark of `liferaft --help` makes of its figures."""

import pytest

from benchmarks import help as benchmark


def test_medians_are_compared_and_one_slow_round_counts_for_nothing() -> None:
    rounds = {benchmark.CLICK: [0.1, 0.1, 9.0], benchmark.HELP: [0.12, 7.0, 0.12]}
    assert benchmark.ratios(rounds)[benchmark.HELP] == pytest.approx(1.2)


@pytest.mark.parametrize(("seconds", "code"), [(0.15, 0), (0.16, 1)])
def test_it_fails_where_help_takes_longer_than_is_allowed(
    monkeypatch: pytest.MonkeyPatch, seconds: float, code: int
) -> None:
    figures = {benchmark.COMMANDS[benchmark.HELP]: seconds}
    monkeypatch.setattr(benchmark, "taken", lambda argv: figures.get(argv, 0.1))
    assert benchmark.main() == code
