"""Vaults that cannot be asked, or not by everybody, as a replay meets them."""

import pytest
from tests.data.postgres.test_replay import OnPaper, archives, name, replayed

from liferaft.data.failures import VaultSilent
from liferaft.data.postgres import holdings, replay
from liferaft.data.postgres.layout import GET
from liferaft.data.postgres.replay import Replayed
from liferaft.data.postgres.steps import ReplayDatabase
from liferaft.plan.telling import TOLD
from liferaft.site.world import World


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay, "_POLL", 0.0)
    monkeypatch.setattr(replay, "LINGER_SECONDS", 0.05)


async def test_a_vault_that_does_not_speak_is_not_asked_for_a_listing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holdings, "_SILENT_SECONDS", 0.1)
    paper = OnPaper([5, 6, 7], dead={"other"})
    with pytest.raises(VaultSilent, match="Vault other does not answer") as told:
        await replayed(paper, sources=archives("main", "other"))
    assert "gone for good, run the same command again" in told.value.facts.do


async def test_a_vault_that_lists_too_slowly_stops_the_replay_with_the_same_words() -> None:
    paper = OnPaper([5, 6, 7], slow={"other"})
    with pytest.raises(VaultSilent, match="vault other") as told:
        await replayed(paper, sources=archives("main", "other"))
    assert "take it out of liferaft.toml" in told.value.facts.do


async def test_a_vault_that_is_left_out_is_not_waited_for() -> None:
    paper = OnPaper([5, 6, 7], silent={"other"})
    done = await replayed(paper, sources=archives("main"), left_out=archives("other"))
    assert done.segment == name(7)
    assert paper.asked[GET] == ["main"]
    assert done.without == ("other",), "what it alone has is lost, which is told"


async def test_a_vault_that_answers_this_server_alone_gives_what_it_alone_holds() -> None:
    paper = OnPaper([5, 6, 7], only_in={7: "other"})
    done = await replayed(paper, sources=archives("main"), left_out=archives("other"))
    assert done.segment == name(7)
    assert paper.asked[GET] == ["main", "other"]


async def test_a_move_tells_what_is_lost_with_a_vault_that_it_went_on_without(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Played:
        async def replay_to_end(self, *_: object, **__: object) -> Replayed:
            return Replayed("0/7000000", name(6), name(6), None, ("other",))

    async def restoring(*_: object) -> tuple[None, Played]:
        return None, Played()

    monkeypatch.setattr(ReplayDatabase, "_restoring", restoring)
    came = await ReplayDatabase("db", "db-1", 1, 1, 1, 2, 3).apply(world)
    (said,) = came[TOLD]
    assert f"Vault other did not answer: WAL later than {name(6)}" in said
