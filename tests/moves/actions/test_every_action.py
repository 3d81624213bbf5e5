"""One suite over all actions: they reach their goals, whatever answer is lost on the way and
wherever they are killed. Their world is modelled; the models pass the contracts' own suites."""

import dataclasses
import importlib
import inspect
import pkgutil
from collections import defaultdict
from contextlib import suppress

import pytest
from tests.models.line import Killed, Line, Trouble
from tests.models.scene import Scene, written
from tests.models.seen import Seen, differences, seen
from tests.models.stories import STORIES, Scenario, as_process, reach, scenarios

import liferaft
from liferaft.failures import Failure

pytestmark = pytest.mark.usefixtures("modelled")

PARTS = ("holds", "apply", "prove")
NEVER_SAID = {
    "AskOnTrial",
    "BringVolume",
    "CompareRowsOnTrial",
    "ConfigureDatabase",
    "DestroySite",
    "ListDenied",
    "PrepareArchive",
    "Provision",
    "PutObjectOnTrial",
    "RemoveBuilder",
    "ReplayDatabase",
    "ReplayDatabaseUntil",
    "RequireCertificate",
    "RunCheckOnTrial",
    "SampleObjects",
    "StartBuilder",
}
"""Actions whose goal is not told from outside: what they apply looks for itself, and does nothing
where nothing is left to do."""
OF_SEVERAL_VAULTS = {"ScheduleRecords"}
"""Held to the same by `tests/data/test_every_vault.py`: no story here has a second vault."""
EACH_STORY = pytest.mark.parametrize("story", [story.name for story in STORIES])
_told: list[Scenario] = []


@pytest.fixture
async def told(tmp_path_factory: pytest.TempPathFactory) -> list[Scenario]:
    """All stories, told once."""
    if not _told:
        given = written(tmp_path_factory.mktemp("app"))
        _told.extend([one async for one in scenarios(given)])
    return _told


def of(told: list[Scenario], story: str) -> list[Scenario]:
    """The first step of each action in a story: the same for another server is no other work."""
    steps = [one for one in told if one.story == story]
    return list({type(one.step.action): one for one in reversed(steps)}.values())


def actions() -> set[str]:
    """The names of all classes of the product that have what an action has."""
    found = set()
    for module in pkgutil.walk_packages(liferaft.__path__, "liferaft."):
        if module.name.endswith("__main__"):
            continue
        for name, one in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            has_all = all(inspect.iscoroutinefunction(getattr(one, part, None)) for part in PARTS)
            if has_all and dataclasses.is_dataclass(one):
                found.add(name)
    return found


async def once(one: Scenario) -> tuple[Scene, Line]:
    """The step's end when nothing happens to it, and what it asked on the way."""
    scene, line = one.before.copy(), Line()
    with as_process(one.process(scene, line)) as process:
        await reach(process, one.step)
    return scene, line


async def after(one: Scenario, goal: Seen, line: Line) -> list[str]:
    """How the world differs from the goal after a run that met trouble, and one that did not."""
    scene = one.before.copy()
    with as_process(one.process(scene, line)) as process, suppress(Failure, Killed):
        await reach(process, one.step)
    with as_process(one.process(scene)) as process:
        try:
            await reach(process, one.step)
        except (Failure, AssertionError) as failure:
            return [f"the next run fails: {failure}"]
    return [*differences(goal, seen(scene)), *scene.refused]


async def test_every_action_has_its_turn_in_some_story(told: list[Scenario]) -> None:
    assert actions() - OF_SEVERAL_VAULTS == {type(one.step.action).__name__ for one in told}


async def test_actions_cannot_be_changed_once_they_were_agreed_to(told: list[Scenario]) -> None:
    for one in told:
        for name in vars(one.step.action):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(one.step.action, name, "another")


async def test_each_goal_is_seen_not_to_hold_before_and_to_hold_afterwards(
    told: list[Scenario],
) -> None:
    answers: dict[str, set[tuple[bool, bool]]] = defaultdict(set)
    for one in told:
        scene = one.before.copy()
        with as_process(one.process(scene)) as process:
            held = await reach(process, one.step)
        with as_process(one.process(scene)) as process:
            holds = await one.step.action.holds(process.world())
        answers[type(one.step.action).__name__].add((held, holds))
        assert not scene.refused, one.name
    assert answers.keys() >= NEVER_SAID
    for name, found in answers.items():
        assert any(not held for held, _ in found), f"{name} was never applied"
        assert (False, False) not in found or name in NEVER_SAID, name


@EACH_STORY
async def test_a_step_whose_run_was_killed_before_its_proof_is_finished_by_the_next_run(
    told: list[Scenario], story: str
) -> None:
    wrong = []
    for one in of(told, story):
        undisturbed, _ = await once(one)
        scene = one.before.copy()
        with as_process(one.process(scene)) as process:
            if not await one.step.action.holds(process.world()):
                await one.step.action.apply(process.world())
        with as_process(one.process(scene)) as process:
            await reach(process, one.step)
            await one.step.action.prove(process.world())
        wrong += [f"{one.name}: {row}" for row in differences(seen(undisturbed), seen(scene))]
    assert not wrong, "\n".join(wrong)


@EACH_STORY
async def test_with_the_first_vault_dead_a_step_comes_to_the_same_end(
    told: list[Scenario], story: str
) -> None:
    """In what is left; a note says there who was away."""
    wrong = []
    for one in of(told, story):
        undisturbed, _ = await once(one)
        scene = one.before.copy()
        with as_process(dataclasses.replace(one.process(scene), gone="gone")) as process:
            await reach(process, one.step)
        found = {place: what for place, what in seen(scene).items() if "chirp/away/" not in place}
        wrong += [f"{one.name}: {row}" for row in differences(seen(undisturbed), found)]
    assert not wrong, "\n".join(wrong)


@EACH_STORY
async def test_a_step_that_is_applied_twice_comes_to_the_same_end(
    told: list[Scenario], story: str
) -> None:
    wrong = []
    for one in of(told, story):
        undisturbed, _ = await once(one)
        scene = one.before.copy()
        with as_process(one.process(scene)) as process:
            world = process.world()
            if not await one.step.action.holds(world):
                await one.step.action.apply(world)
                await one.step.action.apply(world)
            await one.step.action.prove(world)
        wrong += [f"{one.name}: {row}" for row in differences(seen(undisturbed), seen(scene))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.proof
@pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.value)
@EACH_STORY
async def test_a_step_comes_to_the_same_end_whichever_of_its_requests_meets_trouble(
    told: list[Scenario], story: str, trouble: Trouble
) -> None:
    wrong: list[str] = []
    for one in of(told, story):
        undisturbed, line = await once(one)
        goal = seen(undisturbed)
        for number, request in enumerate(line.asked, start=1):
            found = await after(one, goal, Line(trouble, number))
            wrong += [f"{one.name}, {number}: {request}: {row}" for row in found]
    assert not wrong, "\n".join(wrong)
