"""What a run says is safe when it fails: never a step's word on what other steps did."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from tests.moves.planned import FAILOVER

import liferaft
from liferaft.config import Config
from liferaft.failures import Failure, Own
from liferaft.journal import Event, RunName, RunRecord
from liferaft.moves import failover
from liferaft.moves.account import Account
from liferaft.moves.runner import StepsFailed, run
from liferaft.plan.inputs import Inputs
from liferaft.plan.plan import Plan
from liferaft.plan.step import Step
from liferaft.site.world import World

ROOMS = Path(liferaft.__file__).parent
ABOUT_EVERYTHING = re.compile(
    r"nothing|untouched|unharmed|unaffected|unchanged|not affected", re.IGNORECASE
)
OF_ONE_OBJECT = (
    "nothing is promoted",
    "nothing was sent to it",
    "nothing was changed in the zone",
    "nothing was created in the zone",
    "nothing was changed on the host",
    "nothing was stopped on the server",
    "other vendors are not affected",
)
"""What a step may say though others changed something: it names its own object."""


def safe_texts() -> Iterator[tuple[str, str]]:
    """Every `safe=` of every room that a step may pass through, with its place."""
    for path in sorted(ROOMS.rglob("*.py")):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "safe=" in text else ():
            # What `quote` of the standard library calls safe are letters.
            if isinstance(node, ast.Call) and ast.unparse(node.func) != "quote":
                for argument in node.keywords:
                    if argument.arg == "safe":
                        place = f"{path.relative_to(ROOMS)}:{argument.value.lineno}"
                        yield from ((place, text) for text in texts(argument.value))


def texts(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may give; what is filled in is of no account."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Own":
        yield from (Own(text) for text in texts(node.args[0]))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        parts = (str(p.value) if isinstance(p, ast.Constant) else "it" for p in node.values)
        yield "".join(parts)
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from texts(value)


SAFE = sorted(set(safe_texts()))


@dataclass(frozen=True)
class Act:
    """Changes something, or fails and says that all is well."""

    claims: str = ""
    unchanged: bool = False

    async def holds(self, world: World) -> bool:
        return False

    async def apply(self, world: World) -> Mapping[str, Any]:
        if self.claims:
            raise Failure("it was refused", safe=self.claims)
        return {"unchanged": self.unchanged}

    async def prove(self, world: World) -> None:
        pass


class Pages:
    def __init__(self) -> None:
        self.rows: list[tuple[str, Mapping[str, Any]]] = []

    async def event(self, kind: str, **facts: Any) -> None:
        self.rows.append((kind, facts))


async def granted() -> None:
    """Nobody took over."""


async def told(*steps: Step, earlier: Account | None = None) -> str:
    """What a failed run says is safe: to the person, and in its journal."""
    pages = Pages()
    plan = Plan("failover", Inputs(site="north", epoch=2, reigns=True), steps)
    with pytest.raises(StepsFailed) as caught:
        await run(plan, cast("World", None), pages, account=earlier, permit=granted)
    assert pages.rows[-1][1]["safe"] == caught.value.facts.safe
    return caught.value.facts.safe


def about_everything(text: str) -> str | None:
    for phrase in OF_ONE_OBJECT:
        text = re.sub(phrase, "", text, flags=re.IGNORECASE)
    found = ABOUT_EVERYTHING.search(text)
    return found and found.group()


def earlier(*events: tuple[str, str]) -> Account:
    """The account of an attempt that left these events."""
    rows = [
        Event(seq, f"step-{kind}", "2026-11-22T14:00:00.000+00:00", "s", 0.0, {"step": step})
        for seq, (kind, step) in enumerate(events, 1)
    ]
    return Account.of(RunRecord(RunName.new(1), tuple(rows)))


def test_the_scan_sees_what_steps_say() -> None:
    assert len(SAFE) > 80
    assert any(about_everything(text) for _, text in SAFE)
    assert sum(isinstance(text, Own) for _, text in SAFE) > 20


@pytest.mark.parametrize(("place", "text"), SAFE, ids=[place for place, _ in SAFE])
async def test_no_step_says_that_nothing_was_changed_once_another_step_changed_something(
    place: str, text: str
) -> None:
    moved = Step("moved", "Move the name", Act(), after="users are led to north")
    safe = await told(moved, Step("later", "Do the rest", Act(claims=text), needs=("moved",)))
    assert about_everything(safe) is None, place
    assert safe == f"By now: users are led to north.{f' {text}' if isinstance(text, Own) else ''}"


async def test_what_an_earlier_attempt_changed_is_said_by_the_next() -> None:
    moved = Step("moved", "Move the name", Act(), needs=("first",), after="users are led to north")
    first = Step("first", "Look", Act(claims="Nothing was changed."))
    before = earlier(
        ("started", "first"), ("held", "first"), ("started", "moved"), ("done", "moved")
    )
    safe = await told(first, moved, earlier=before)
    assert safe == "By now: users are led to north."


async def test_what_an_earlier_attempt_began_and_did_not_end_may_have_changed_something() -> None:
    moved = Step("moved", "Move the name", Act(), needs=("first",), after="users are led to north")
    first = Step("first", "Look", Act(claims="Nothing was changed."))
    safe = await told(first, moved, earlier=earlier(("started", "moved")))
    assert safe == "Begun, and perhaps true by now: users are led to north."


async def test_a_step_that_failed_before_may_have_changed_what_it_leaves_alone_now() -> None:
    only = Step("only", "Do it", Act(claims="Nothing was created."))
    safe = await told(only, earlier=earlier(("started", "only"), ("failed", "only")))
    assert about_everything(safe) is None


async def test_a_run_that_changed_nothing_may_say_so() -> None:
    held = Step("held", "Look", Act(unchanged=True))
    safe = await told(
        held, Step("bad", "Do it", Act(claims="Nothing was changed."), needs=("held",))
    )
    assert safe == "Nothing was changed."


def after(config: Config, *through: str, failed: str) -> str:
    """What a failover says that failed at one step, after others were through."""
    plan, account = failover.plan(config, FAILOVER), Account()
    for name in through:
        account.note("started", name)
        account.note("done", name)
    account.note("started", failed)
    return account.safe(plan, failed, "Nothing was changed.")


def test_a_failover_that_fails_before_the_fence_says_where_users_go_and_who_reigns(
    config: Config,
) -> None:
    safe = after(config, "secrets", "reserve", "dns-one", "servers", failed="restore")
    assert "vendor one leads users of www.chirp.test to north" in safe
    assert "east reigns, epoch 1" in safe
    assert "north reigns" not in safe


def test_a_failover_that_fails_after_the_fence_says_that_the_new_site_reigns(
    config: Config,
) -> None:
    through = ("reserve", "dns-one", "servers", "edge", "restore", "fence")
    safe = after(config, *through, failed="replay")
    assert "north reigns, epoch 2; east may not serve any more" in safe
    assert "east reigns, epoch 1" not in safe
    assert "users at north see the holding page" in safe
