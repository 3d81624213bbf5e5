"""A drill's rows against the point's: from the first vault that gives its backup back."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from liferaft.data import registry
from liferaft.data.failures import NotVerified
from liferaft.data.postgres import trial_digests
from liferaft.data.postgres.trial_digests import CompareRowsOnTrial, NoBackupTried
from liferaft.data.proof import CannotBeTried, Proof, Trial
from liferaft.failures import Refused
from liferaft.plan.telling import TOLD
from liferaft.recovery.part import Part
from liferaft.remote.acts import HostActFailed

if TYPE_CHECKING:
    from liferaft.site.world import World

PART = Part("postgres", "db", 1, "", 9, {"labels": {"main": "a", "depot": "b"}})
WELL = Proof("postgres", "db", checked=("every digest is that of 0/3000100",))
Came = Callable[..., Any]


@pytest.fixture
def came(monkeypatch: pytest.MonkeyPatch) -> Came:
    """What the step says where each vault's trial comes to the next of these."""

    async def of(*answers: Any, away: frozenset[str] = frozenset(), part: Part = PART) -> Any:
        left, asked = iter(answers), list[str]()

        async def prove(*given: Any) -> Proof:
            trial = given[-1]
            assert isinstance(trial, Trial)
            asked.append(trial.vault.name)
            answer = next(left)
            if isinstance(answer, Exception):
                raise answer
            assert isinstance(answer, Proof)
            return answer

        async def given(*_: object) -> Part:
            return part

        vaults = tuple(SimpleNamespace(name=name) for name in ("main", "depot"))
        monkeypatch.setattr(registry, "kind", lambda _: SimpleNamespace(prove=prove))
        monkeypatch.setattr(trial_digests, "vault_accesses", lambda _: vaults)
        monkeypatch.setattr(CompareRowsOnTrial, "_part", given)
        world = cast("World", SimpleNamespace(run=SimpleNamespace(away=away)))
        action = CompareRowsOnTrial(
            "postgres", "db", "db-1", point_epoch=1, point="p", old=1, epoch=2
        )
        return await action.apply(world), asked

    return of


async def test_rows_that_are_those_that_were_measured_are_told_as_compared(came: Came) -> None:
    facts, asked = await came(WELL)
    assert facts["checked"] == ["every digest is that of 0/3000100"]
    assert TOLD not in facts
    assert asked == ["main"]


async def test_a_row_that_is_another_fails_the_drill(came: Came) -> None:
    other = NotVerified("rows of table public.note hold something else")
    with pytest.raises(NotVerified, match=r"public\.note"):
        await came(Proof("postgres", "db", faults=(other,)))


async def test_of_a_vault_that_does_not_answer_the_next_is_asked(came: Came) -> None:
    _, asked = await came(HostActFailed("its objects could not be fetched"), WELL)
    assert asked == ["main", "depot"]
    _, asked = await came(WELL, away=frozenset({"main"}))
    assert asked == ["depot"]
    with pytest.raises(HostActFailed, match="could not be fetched"):
        await came(*(HostActFailed("its objects could not be fetched") for _ in "12"))


async def test_a_point_whose_backup_no_vault_has_is_not_called_compared(came: Came) -> None:
    bare = Part("postgres", "db", 1, "", 9, {"labels": {}})
    with pytest.raises(NoBackupTried):
        await came(part=bare)


async def test_where_there_is_no_room_it_is_told_loudly_and_nothing_fails(came: Came) -> None:
    facts, _ = await came(CannotBeTried("The server's disk has no room for a copy"))
    assert facts[TOLD] == [
        "NOT COMPARED with the point's digests: The server's disk has no room for a copy."
    ]


async def test_whatever_else_is_refused_is_no_matter_of_room(came: Came) -> None:
    with pytest.raises(Refused, match="host key"):
        await came(Refused("the host key is another"))


async def test_a_point_without_digests_says_so(came: Came) -> None:
    counted = "They were counted, and compared with nothing."
    facts, _ = await came(Proof("postgres", "db", unread=(counted,)))
    assert facts[TOLD] == [counted]
