"""What the suite prints at the end: a row for each behaviour, a column for each cloud.

A behaviour is a test. Where its cloud does not declare a kind or an ability that the test needs,
the same test has to end in Unsupported, naming the configuration key: nothing is skipped.
"""

from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import astuple, dataclass, field
from typing import Any

import pytest
from tests.contract.home import Home
from tests.contract.worlds.world import Absent

from liferaft.clouds.contract import Ability, Unsupported
from liferaft.clouds.registry import entry

PASS, ABSENT, FAILED = "pass", "declared absent", "FAILED"
_REASON = pytest.StashKey[str]()
_CELL = "cell of the table"
_WIDTH = len(ABSENT)


@dataclass(frozen=True)
class Cell:
    behaviour: str
    kind: str
    cloud: str


@dataclass(eq=False)
class Table:
    """A pytest plugin. It looks at tests that run at a `control_plane`, and at no others. What came
    of them travels with their reports, so that it does not matter which process ran them."""

    results: dict[Cell, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    @pytest.hookimpl(wrapper=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> Generator[None, object, object]:
        lacking = list(_lacking(pyfuncitem))
        try:
            result = yield
        except Absent as absent:
            pyfuncitem.stash[_REASON] = str(absent)
            return True
        except Unsupported as refused:
            if not lacking or "sites.<site>" not in refused.facts.do:
                raise
            pyfuncitem.stash[_REASON] = f"{', '.join(lacking)}: {refused.facts.do}"
            return True
        assert not lacking, f"{lacking} is not declared, and worked nevertheless"
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        cell = _cell(item)
        if cell is None:
            return report
        reason = item.stash.get(_REASON, None)
        if report.failed or report.when == "call":
            result = FAILED if report.failed else PASS if reason is None else ABSENT
            report.user_properties.append((_CELL, [*astuple(cell), result, reason]))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, told in report.user_properties:
            if name == _CELL and isinstance(told, list):
                behaviour, kind, cloud, result, reason = told
                self.results[Cell(behaviour, kind, cloud)] = result
                if reason is not None:
                    self.reasons[f"{cloud}: {reason}"] = cloud

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.results:
            return
        terminalreporter.section("what every cloud does")
        for line in self.lines():
            terminalreporter.write_line(line)

    def lines(self) -> Iterator[str]:
        """Kinds that behave alike at every cloud share a row."""
        clouds = sorted({cell.cloud for cell in self.results})
        rows: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for cell, result in self.results.items():
            rows[cell.behaviour][cell.kind][cell.cloud] = result
        yield " ".join(f"{cloud:{_WIDTH}}" for cloud in clouds)
        for behaviour, by_kind in rows.items():
            alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
            for kind, by_cloud in by_kind.items():
                alike[tuple(by_cloud.get(cloud, "-") for cloud in clouds)].append(kind)
            for cells, kinds in alike.items():
                of = f" ({', '.join(kinds)})" if len(alike) > 1 else ""
                yield " ".join(f"{cell:{_WIDTH}}" for cell in cells) + f" {behaviour}{of}"
        if self.reasons:
            yield ""
            yield from sorted(self.reasons)


def sentence(name: str) -> str:
    """A test's name as the behaviour it shows."""
    return name.removeprefix("test_").replace("_", " ")


def absence(item: pytest.Item) -> str | None:
    """Why a test that has run could show nothing at its cloud; None if it could."""
    return item.stash.get(_REASON, None)


def _cell(item: pytest.Item) -> Cell | None:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return None
    params: dict[str, Any] = item.callspec.params
    if "control_plane" not in params:
        return None
    return Cell(sentence(item.originalname), params.get("kind", ""), params["control_plane"])


def _lacking(item: pytest.Function) -> Iterator[str]:
    """The kinds and abilities that this test is about and that its cloud does not declare."""
    home = item.funcargs.get("home")
    if not isinstance(home, Home):
        return
    needs: list[str | Ability] = [n for mark in item.iter_markers("needs") for n in mark.args]
    if "kind" in item.funcargs:
        needs.append(str(item.funcargs["kind"]))
    for need in needs:
        declared = (
            entry(home.cloud.name).abilities if isinstance(need, Ability) else home.cloud.kinds
        )
        if need not in declared:
            yield str(need)
