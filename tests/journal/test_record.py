from datetime import timedelta
from pathlib import Path

import pytest

from liferaft.journal import (
    Journal,
    JournalBroken,
    RunName,
    find_unfinished,
    last_run,
    list_runs,
    read_run,
)

from .conftest import RuledClock, Vendor


async def begun(
    clock: RuledClock, vault: Vendor, folder: Path, move: str = "failover", epoch: int = 1
) -> Journal:
    clock.advance(1)
    return await Journal.begin(
        RunName.new(epoch, clock.now()),
        move=move,
        site="hetzner",
        inputs={"point": "p1"},
        digest="d1",
        vaults=[vault],
        folder=folder,
        clock=clock,
    )


async def test_steps_are_told_with_their_times(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, vault, tmp_path)
    await journal.event("step-started", step="restore")
    await journal.event("step-started", step="dns")
    clock.advance(2.5, wall=100)
    await journal.event("step-done", step="restore", bytes=7)
    await journal.event("step-failed", step="dns", happened="refused")
    await journal.event("step-started", step="fence")
    record = read_run(vault, journal.name)
    assert (record.move, record.site, record.digest) == ("failover", "hetzner", "d1")
    assert record.inputs == {"point": "p1"}
    steps = record.steps
    assert [(step.name, step.state, step.seconds) for step in steps.values()] == [
        ("restore", "done", 2.5),
        ("dns", "failed", 2.5),
        ("fence", "started", None),
    ]
    assert steps["restore"].facts == {"bytes": 7}
    ended = steps["restore"].ended
    assert ended is not None
    assert ended - steps["restore"].began == timedelta(seconds=100)
    assert not record.is_finished


async def test_a_step_that_was_run_again_shows_its_last_attempt(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, vault, tmp_path)
    await journal.event("step-started", step="dns")
    clock.advance(30)
    resumed = await Journal.resume(
        read_run(vault, journal.name), vaults=[vault], folder=tmp_path, clock=clock
    )
    await resumed.event("step-started", step="dns")
    clock.advance(1)
    await resumed.event("step-held", step="dns")
    await resumed.finish(rto=3)
    record = read_run(vault, journal.name)
    assert (record.steps["dns"].state, record.steps["dns"].seconds) == ("held", 1.0)
    assert record.is_finished


async def test_the_newest_open_run_of_a_move_is_found(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    old = await begun(clock, vault, tmp_path)
    new = await begun(clock, vault, tmp_path, epoch=2)
    await begun(clock, vault, tmp_path, move="deploy", epoch=3)
    found = find_unfinished(vault, move="failover", site="hetzner")
    assert found is not None
    assert found.name == new.name
    assert find_unfinished(vault, move="failover", site="aws-east") is None
    await new.finish()
    assert find_unfinished(vault, move="failover", site="hetzner") is None, f"{old.name} is past"
    last = last_run(vault, move="failover", site="hetzner")
    assert last is not None
    assert last.is_finished


async def test_runs_are_listed_newest_first(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    names = [(await begun(clock, vault, tmp_path, epoch=epoch)).name for epoch in (1, 1, 2, 10)]
    assert list_runs(vault) == tuple(reversed(names))


async def test_a_journal_with_a_hole_is_not_believed(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, vault, tmp_path)
    await journal.event("one")
    await journal.event("two")
    vault.delete(journal.name.key(2))
    with pytest.raises(JournalBroken):
        read_run(vault, journal.name)
