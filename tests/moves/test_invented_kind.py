"""A kind of data that one file of the tests brings: every move has what it adds then."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from tests.moves.planned import FAILOVER
from tests.tape import ROBOT, SONGS, Insert, Length, TapeKind

from liferaft.config import Config
from liferaft.data import registry
from liferaft.data.kind import DataPlace
from liferaft.data.parts import KeepPart, RestorePart
from liferaft.data.registry import KindEntry
from liferaft.moves import deploy, facts, failover, snapshot
from liferaft.moves.actions.servers import EquipServer
from liferaft.moves.actions.workload import delivered
from liferaft.moves.inputs import DeployInputs, FailoverInputs, SnapshotInputs
from liferaft.plan.milestones import Hung, Milestone
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.vault import Vault

Before = Callable[[Plan, str], set[str]]
TALES = '[data.tales]\nkind = "tape"\nspeed = 9\n'
POINT = "20261122T140000Z"


PLANS: Mapping[str, Callable[[Config], Plan]] = {
    "deploy": lambda config: deploy.plan(config, DeployInputs(site="east", epoch=1, reigns=True)),
    "failover": lambda config: failover.plan(config, FAILOVER),
}


@pytest.fixture
def with_tapes(monkeypatch: pytest.MonkeyPatch, configured: Callable[..., Config]) -> Config:
    """The application with two data sets of the new kind."""
    monkeypatch.setitem(registry.ENTRIES, "tape", KindEntry("tests.tape:TAPE", "tests.tape:Tape"))
    return configured(("[data.media]", f"{ROBOT}{SONGS}{TALES}[data.media]"))


def action(plan: Plan, name: str) -> Any:
    (found,) = (step.action for step in plan.steps if step.name == name)
    return found


def test_a_deploy_sets_up_each_data_set_before_the_application_starts(
    with_tapes: Config, before: Before
) -> None:
    plan = deploy.plan(with_tapes, DeployInputs(site="east", epoch=1, reigns=True))
    assert action(plan, "insert-songs") == Insert("songs", 1)
    assert {"insert-songs", "insert-tales", "database"} <= before(plan, "workload-app-1")
    assert {"equip-deck-1", "epoch"} <= before(plan, "insert-tales")


def test_a_snapshot_keeps_each_data_set_before_the_point_counts(
    with_tapes: Config, before: Before
) -> None:
    inputs = SnapshotInputs(site="east", epoch=1, reigns=True, point=POINT)
    plan = snapshot.plan(with_tapes, inputs)
    assert action(plan, "tape-tales") == KeepPart("tape", "tales", "deck-1", 1, POINT)
    assert {"tape-songs", "tape-tales"} <= before(plan, "publish")


def test_a_failover_brings_each_data_set_back_before_the_fence_and_goes_on_from_a_journal(
    with_tapes: Config,
    before: Before,
    vault: Vault,
    reigns: Callable[[int, str], None],
    has_point: Callable[[int, str], None],
) -> None:
    reigns(1, "east")
    has_point(1, POINT)
    inputs = facts.for_failover(with_tapes, vault, "north")
    assert inputs.facts["tape"] == Length(540)
    plan = failover.plan(with_tapes, inputs)
    assert action(plan, "tape-songs") == RestorePart(
        "tape",
        "songs",
        "deck-1",
        point_epoch=1,
        point=POINT,
        old=1,
        epoch=2,
        facts={"metres": 540},
    )
    assert {"tape-songs", "tape-tales"} <= before(plan, "fence")
    assert "prove" in before(plan, "play-tales")
    resumed = FailoverInputs.from_json(inputs.to_json())
    assert failover.plan(with_tapes, resumed).digest() == plan.digest()


def test_servers_and_the_application_get_what_the_kind_needs_and_tells(with_tapes: Config) -> None:
    plan = deploy.plan(with_tapes, DeployInputs(site="east", epoch=1, reigns=True))
    equipped = {
        step.action.server: step.action.packages
        for step in plan.steps
        if isinstance(step.action, EquipServer)
    }
    assert [server for server, packages in equipped.items() if "sox" in packages] == ["deck-1"]
    assert "TAPE_DECK" in delivered(with_tapes)


@pytest.mark.parametrize("milestone", Milestone)
@pytest.mark.parametrize("move", ["deploy", "failover"])
def test_a_step_is_in_the_plan_whichever_milestone_it_hangs_on(
    with_tapes: Config,
    before: Before,
    monkeypatch: pytest.MonkeyPatch,
    milestone: Milestone,
    move: str,
) -> None:
    def hang(_: object, at: DataPlace, *__: object) -> Iterator[Hung]:
        yield Hung(Step(f"wind-{at.name}", "Wind a tape", Insert(at.name, 1)), milestone)

    monkeypatch.setattr(TapeKind, move, hang)
    plan = PLANS[move](with_tapes)
    assert {"wind-songs", "wind-tales"} <= {step.name for step in plan.steps}
    assert before(plan, "wind-songs")


@pytest.mark.parametrize(
    ("milestone", "waits"),
    [
        (Milestone.HOLDING, "edge"),
        (Milestone.FENCED, "fence"),
        (Milestone.WRITABLE, "workload-app-1"),
        (Milestone.SERVING, "workload-app-1"),
        (Milestone.PROVED, "prove"),
    ],
)
def test_a_milestone_waits_for_what_is_hung_before_it(
    with_tapes: Config,
    before: Before,
    monkeypatch: pytest.MonkeyPatch,
    milestone: Milestone,
    waits: str,
) -> None:
    def hang(_: object, at: DataPlace, *__: object) -> Iterator[Hung]:
        wind = Step(f"wind-{at.name}", "Wind a tape", Insert(at.name, 1))
        yield Hung(wind, Milestone.RESERVED, before=(milestone,))

    monkeypatch.setattr(TapeKind, "failover", hang)
    assert {"wind-songs", "wind-tales"} <= before(PLANS["failover"](with_tapes), waits)
