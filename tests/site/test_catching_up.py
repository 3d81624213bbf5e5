"""A run with several vaults: what was away is brought all of it at the end, states included."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.moves.marks import Mark, plan_of

from liferaft.config import Config, VaultCredentials
from liferaft.journal import Lease, RunName, read_run
from liferaft.moves.runner import StepsFailed
from liferaft.moves.session import Prepared, execute
from liferaft.provision.engine.state.storage import Storage, checkpoint_path
from liferaft.site.state import state_in
from liferaft.site.world import World
from liferaft.vault import CheckedVault, EveryVault, attendance, layout, open_vault
from liferaft.vault.catching_up import records

STATE = checkpoint_path("chirp", "east")


class Places:
    """Two vaults that are folders, each on a disk that may not be there."""

    def __init__(self, config: Config, world: World, folder: Path) -> None:
        self.config, self._world, self.folder = config, world, folder

    def alone(self, name: str) -> CheckedVault:
        return open_vault(name, self.config.vaults[name], VaultCredentials(), prefix="chirp")

    def world(self) -> World:
        """As a new command has it."""
        vault = EveryVault([self.alone(name) for name in self.config.vaults], grace=5.0)
        credentials = dataclasses.replace(
            self._world.site.credentials,
            vaults={name: VaultCredentials() for name in self.config.vaults},
        )
        site = dataclasses.replace(
            self._world.site, config=self.config, credentials=credentials, vault=vault
        )
        return World.of(site)

    def take(self, name: str) -> None:
        (self.folder / name).rename(self.folder / f"{name} in a drawer")
        (self.folder / name).touch()

    def bring(self, name: str) -> None:
        (self.folder / name).unlink()
        (self.folder / f"{name} in a drawer").rename(self.folder / name)

    def storage(self, name: str) -> Storage:
        return Storage(state_in(self.config, self.world().site.credentials, name))

    async def run(self, mark: str) -> str:
        name, _ = await execute(
            Prepared(plan_of(Mark(mark))), self.world(), folder=self.folder / "runs"
        )
        return name

    def are_alike(self) -> bool:
        first, second = (self.alone(name) for name in self.config.vaults)
        keys = records(first)
        return keys == records(second) and all(first.get(key) == second.get(key) for key in keys)


@pytest.fixture
def places(configured: Callable[..., Config], world: World, tmp_path: Path) -> Places:
    other = f'[vaults.other]\nurl = "file://{tmp_path}/other"\n\n[sites.east]'
    config = configured(("[sites.east]", other))
    return Places(config, world, tmp_path)


@pytest.fixture
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was killed says nothing any more."""
    monkeypatch.setattr("liferaft.journal.lease.HANDOVER_SECONDS", 0.0)


def checkpoint(hour: int) -> bytes:
    latest = {"manifest": {"time": f"2026-11-22T{hour:02}:00:00Z"}, "resources": []}
    return json.dumps({"version": 3, "checkpoint": {"latest": latest}}).encode()


async def test_a_run_leaves_two_vaults_alike(places: Places) -> None:
    name = await places.run("a")
    assert places.are_alike()
    for vault in ("main", "other"):
        assert read_run(places.alone(vault), RunName.parse(name)).is_finished
    assert places.alone("main").list(layout.AWAY) == ()


@pytest.mark.parametrize("away", ["vault", "other"])
async def test_a_run_goes_on_without_a_vault_and_a_later_one_brings_it_everything(
    places: Places, away: str
) -> None:
    await places.run("a")
    places.take(away)
    alone = await places.run("b")
    places.bring(away)
    assert not places.are_alike()
    await places.run("c")
    assert places.are_alike()
    for vault in ("main", "other"):
        assert read_run(places.alone(vault), RunName.parse(alone)).is_finished
    assert [one.is_complete for one in attendance(places.world().site.vault)] == [True, True]


async def test_the_state_of_the_vault_that_led_replaces_the_one_that_was_away(
    places: Places,
) -> None:
    """Whatever their clocks say: who led wrote last."""
    await places.run("a")
    await places.storage("main").write(STATE, checkpoint(20))
    places.take("vault")
    await places.run("b")
    assert places.world().site.state.url.startswith(f"file://{places.folder}/other")
    await places.storage("other").write(STATE, checkpoint(10))
    places.bring("vault")
    assert places.world().site.state.url.startswith(f"file://{places.folder}/other")
    await places.run("c")
    assert places.world().site.state.url.startswith(f"file://{places.folder}/vault")
    assert await places.storage("main").read(STATE) == checkpoint(10)
    (kept,) = await places.storage("main").list(".pulumi/backups")
    assert await places.storage("main").read(kept) == checkpoint(20)


async def test_a_state_that_cannot_be_brought_leaves_the_vault_incomplete(
    places: Places, caplog: pytest.LogCaptureFixture
) -> None:
    await places.run("a")
    places.take("vault")
    await places.run("b")
    await places.storage("other").write(STATE, checkpoint(10))
    path = places.folder / "other/chirp/state" / STATE
    path.write_bytes(path.read_bytes().replace(b"2026", b"2025"))  # one byte is another
    places.bring("vault")
    await places.run("c")
    assert "vault main is not complete: The state is damaged" in caplog.text
    assert places.world().site.vault_order == ("other", "main")


@pytest.mark.usefixtures("without_waiting")
async def test_after_a_kill_the_other_vaults_are_compared(places: Places) -> None:
    """Between the writes to two vaults, perhaps: nobody noted what the second one lacks."""
    vault = places.world().site.vault
    Lease.acquire(vault, "killed")
    places.alone("main").put("pins/east/db-1.json", b"pin")
    await execute(
        Prepared(plan_of(Mark("a"))), places.world(), folder=places.folder / "runs", take_over=True
    )
    assert places.alone("other").get("pins/east/db-1.json") == b"pin"
    assert places.are_alike()


@pytest.mark.usefixtures("without_waiting")
async def test_the_doubt_after_a_kill_outlives_a_run_that_fails(places: Places) -> None:
    Lease.acquire(places.world().site.vault, "killed")
    places.alone("main").put("pins/east/db-1.json", b"pin")
    failing = Prepared(plan_of(Mark("a", fails=True)))
    with pytest.raises(StepsFailed):
        await execute(failing, places.world(), folder=places.folder / "runs", take_over=True)
    await places.run("b")
    assert places.alone("other").get("pins/east/db-1.json") == b"pin"


async def test_one_vault_is_asked_nothing_more(world: World, tmp_path: Path) -> None:
    asked: list[str] = []

    class Counted(CheckedVault):
        def get(self, key: str) -> bytes:
            asked.append(key)
            return super().get(key)

    assert isinstance(world.site.vault, CheckedVault)
    world.site.vault = Counted(world.site.vault.raw)
    await execute(Prepared(plan_of(Mark("a"))), world, folder=tmp_path / "runs")
    assert asked == []
