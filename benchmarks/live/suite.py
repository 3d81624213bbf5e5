"""The contract suite against a real account: those of its behaviours that need no simulated cloud.

The suite is pytest's, and runs in this process; what comes of each behaviour goes into the report
as a step of the story does.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.contract.table import absence, sentence
from tests.contract.worlds.known import WORLDS
from tests.contract.worlds.live import SIMULATED, LiveWorld

from benchmarks.live.budget import DeadlineReached
from benchmarks.live.playing import Player
from benchmarks.live.report import Outcome, Told

SUITE = Path(__file__).parents[2] / "tests" / "contract"
ORDER = (
    *("", "bucket", "network", "ssh_key", "firewall", "address", "volume", "server"),
    "machine_image",
)
"""Kinds in the order of what is least sure; tests without one in their name first."""
TEST_SECONDS = 3600
EXPECTED = "as docs/contract.md says"


@dataclass
class Suite:
    """A plugin of pytest's for one run."""

    player: Player

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((item for item in items if _is_for_real(item)), key=_turn)
        for item in items:
            item.add_marker(pytest.mark.timeout(TEST_SECONDS), append=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        error = call.excinfo.value if call.excinfo else None
        if call.when == "call" or error is not None:
            self._tell(item, call, error)
        return report

    def _tell(
        self, item: pytest.Item, call: pytest.CallInfo[None], error: BaseException | None
    ) -> None:
        asked = _behaviour(item)
        told = Told(
            f"contract: {asked}", asked, EXPECTED, Outcome.AS_EXPECTED, round(call.duration, 1)
        )
        if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):
            told = self.player.answer(told, error)
        elif (reason := absence(item)) is not None:
            told = replace(told, outcome=Outcome.NOT_TRIED, reason=reason)
        self.player.tell(told)
        if isinstance(error, DeadlineReached):
            item.session.shouldstop = "the run's time is over"


def play(world: LiveWorld, player: Player, options: Sequence[str] = ()) -> None:
    """Every behaviour that a real cloud can show, each cleared away before the next begins."""
    WORLDS.clear()
    WORLDS[world.name] = lambda _: nullcontext(world)
    quiet = (
        "--quiet",
        "--quiet",
        "--no-header",
        "--no-summary",
        "--tb=no",
        "-p",
        "no:cacheprovider",
    )
    files = sorted(str(path) for path in SUITE.glob("test_clouds_*.py"))
    pytest.main([*quiet, "--rootdir", str(SUITE.parents[1]), *options, *files], [Suite(player)])


def _is_for_real(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and not SIMULATED & set(
        item.function.__code__.co_names
    )


def _behaviour(item: pytest.Item) -> str:
    """As docs/contract.md has it, with the kind that it was tried with."""
    params = _params(item)
    told = sentence(item.originalname if isinstance(item, pytest.Function) else item.name)
    return f"{told} ({params['kind']})" if "kind" in params else told


def _kind(item: pytest.Item) -> str:
    """The one that it is about, by its parameter or else by its name: the latest in ORDER."""
    name = sentence(item.name)
    named = (one for one in reversed(ORDER) if one and one.replace("_", " ") in name)
    return str(_params(item).get("kind") or next(named, ""))


def _params(item: pytest.Item) -> Mapping[str, object]:
    callspec = getattr(item, "callspec", None)
    return callspec.params if callspec else {}


def _turn(item: pytest.Item) -> int:
    return ORDER.index(_kind(item))
