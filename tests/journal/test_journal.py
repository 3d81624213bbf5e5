import asyncio
import json
from pathlib import Path

import pytest

from liferaft.journal import Journal, JournalLost, RunName, RunTaken, read_run

from .conftest import RuledClock, Vendor


async def begun(clock: RuledClock, folder: Path, *vaults: Vendor) -> Journal:
    return await Journal.begin(
        RunName.new(2, clock.now()),
        move="failover",
        site="hetzner",
        inputs={"point": "p1"},
        digest="d1",
        vaults=vaults,
        folder=folder,
        clock=clock,
    )


async def test_every_event_is_an_object_in_the_vault_and_a_file_here(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, tmp_path, vault)
    await journal.event("step-started", step="fence")
    keys = vault.list("runs")
    assert keys == (journal.name.key(1), journal.name.key(2))
    assert keys[0].startswith("runs/00000002-20261122T140000000Z-")
    for number, key in enumerate(keys, 1):
        file = tmp_path / str(journal.name) / f"{number:06}.json"
        assert file.read_bytes() == vault.get(key)
    first = json.loads(vault.get(keys[0]))
    assert first["facts"] == {
        "move": "failover",
        "site": "hetzner",
        "inputs": {"point": "p1"},
        "digest": "d1",
    }
    assert first["at"] == "2026-11-22T14:00:00.000Z"


async def test_events_of_steps_at_once_are_numbered_without_gaps(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, tmp_path, vault)
    await asyncio.gather(*(journal.event("note", number=number) for number in range(20)))
    events = read_run(vault, journal.name).events
    assert [event.facts["number"] for event in events[1:]] == list(range(20))


async def test_a_vault_that_was_cut_off_gets_what_it_missed(
    clock: RuledClock, vault: Vendor, second: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, tmp_path, vault, second)
    second.cut = True
    await journal.event("one")
    await journal.event("two")
    second.cut = False
    await journal.event("three")
    assert read_run(second, journal.name) == read_run(vault, journal.name)


async def test_a_run_does_not_go_on_unseen(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, tmp_path, vault)
    vault.cut = True
    with pytest.raises(JournalLost, match="cut off"):
        await journal.event("step-started", step="fence")
    assert len(list((tmp_path / str(journal.name)).iterdir())) == 2, "it is on local disk"


@pytest.mark.parametrize("folder", ["a file", "/proc/liferaft", "/dev/full"])
async def test_a_run_goes_on_where_this_machine_keeps_nothing(
    clock: RuledClock,
    vault: Vendor,
    tmp_path: Path,
    folder: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "a file").touch()
    journal = await begun(clock, tmp_path / folder, vault)
    await journal.event("step-started", step="fence")
    kinds = [event.kind for event in read_run(vault, journal.name).events]
    assert kinds == ["run-started", "step-started"]
    (said,) = caplog.messages
    assert "kept in the vault, and the run goes on" in said


async def test_a_run_goes_on_when_this_machine_is_full(
    clock: RuledClock, vault: Vendor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    journal = await begun(clock, tmp_path, vault)
    for number in (2, 3):
        (tmp_path / str(journal.name) / f"{number:06}.json").symlink_to("/dev/full")
        await journal.event("note", number=number)
    (said,) = caplog.messages
    assert "No space left on device" in said
    assert len(read_run(vault, journal.name).events) == 3


async def test_an_event_that_nobody_took_is_not_said_to_be_on_this_machine(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    (tmp_path / "a file").touch()
    journal = await begun(clock, tmp_path / "a file", vault)
    vault.cut = True
    with pytest.raises(JournalLost) as caught:
        await journal.event("step-started", step="fence")
    assert "on this machine" not in caught.value.facts.safe
    assert "in the vault" in caught.value.facts.safe


async def test_a_resumed_run_goes_on_with_the_next_number(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    name = (await begun(clock, tmp_path, vault)).name
    resumed = await Journal.resume(
        read_run(vault, name), vaults=[vault], folder=tmp_path / "other machine", clock=clock
    )
    await resumed.event("step-started", step="fence")
    kinds = [event.kind for event in read_run(vault, name).events]
    assert kinds == ["run-started", "run-resumed", "step-started"]


async def test_two_processes_cannot_write_one_journal(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    first = await begun(clock, tmp_path, vault)
    record = read_run(vault, first.name)
    await Journal.resume(record, vaults=[vault], folder=tmp_path / "b", clock=clock)
    with pytest.raises(RunTaken):
        await first.event("step-started", step="fence")


async def test_a_cancelled_step_does_not_tear_its_event(
    clock: RuledClock, vault: Vendor, tmp_path: Path
) -> None:
    journal = await begun(clock, tmp_path, vault)
    for number in range(10):
        task = asyncio.create_task(journal.event("cancelled", number=number))
        await asyncio.sleep(0.0005 * number)
        task.cancel()
        await asyncio.wait([task])
    await journal.event("last")
    events = read_run(vault, journal.name).events
    assert events[-1].kind == "last"
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
