"""A damaged journal or lease: history stops nothing, and what has to be known says its way out."""

import logging
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from liferaft.journal import (
    Journal,
    JournalBroken,
    Lease,
    RunName,
    find_unfinished,
    last_run,
    list_runs,
    read_run,
    what_is_left,
)
from liferaft.journal.process import Process
from liferaft.vault import CheckedVault, Damaged

from .conftest import RuledClock, Vendor

ELSEWHERE = Process("bob@elsewhere", 7, "another boot", "1")


@pytest.fixture
def checked() -> CheckedVault:
    return CheckedVault(Vendor("main", MemoryStore()))


def flipped(vault: CheckedVault, key: str) -> None:
    whole = bytearray(vault.raw.get(key))
    whole[-3] ^= 1
    vault.raw.put(key, bytes(whole))


async def begun(clock: RuledClock, vault: CheckedVault, folder: Path) -> Journal:
    clock.advance(1)
    return await Journal.begin(
        RunName.new(1, clock.now()),
        move="failover",
        site="hetzner",
        inputs={},
        digest="d1",
        vaults=[vault],
        folder=folder,
        clock=clock,
    )


async def test_an_old_run_whose_beginning_is_damaged_stops_nothing_and_is_told(
    clock: RuledClock, checked: CheckedVault, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = await begun(clock, checked, tmp_path)
    lost = await begun(clock, checked, tmp_path)
    await lost.finish()
    flipped(checked, lost.name.key(1))
    with caplog.at_level(logging.WARNING):
        found = find_unfinished(checked, move="failover", site="hetzner", needed={str(lost.name)})
    assert found is not None
    assert found.name == wanted.name
    assert lost.name.key(1) in caplog.text


async def test_an_open_run_that_began_the_reign_must_be_readable(
    clock: RuledClock, checked: CheckedVault, tmp_path: Path
) -> None:
    lost = await begun(clock, checked, tmp_path)
    await lost.event("step-started", step="fence")
    flipped(checked, lost.name.key(1))
    assert last_run(checked, move="failover", site="hetzner") is None
    with pytest.raises(Damaged, match=lost.name.key(1)) as caught:
        last_run(checked, move="failover", site="hetzner", needed={str(lost.name)})
    assert "the machine that began it has a copy" in caught.value.facts.do


async def test_a_run_with_a_damaged_event_is_still_gone_on_with(
    clock: RuledClock, checked: CheckedVault, tmp_path: Path
) -> None:
    journal = await begun(clock, checked, tmp_path)
    await journal.event("step-started", step="dns")
    await journal.event("step-done", step="dns")
    for seq in (2, 3):
        flipped(checked, journal.name.key(seq))
    found = find_unfinished(checked, move="failover", site="hetzner")
    assert found is not None
    resumed = await Journal.resume(found, vaults=[checked], folder=tmp_path, clock=clock)
    await resumed.finish()
    record = what_is_left(checked, journal.name)
    assert record.is_finished
    assert [fault.facts.details["key"] for fault in record.faults] == [
        journal.name.key(2),
        journal.name.key(3),
    ]


async def test_the_account_of_a_damaged_run_names_the_event(
    clock: RuledClock, checked: CheckedVault, tmp_path: Path
) -> None:
    journal = await begun(clock, checked, tmp_path)
    flipped(checked, journal.name.key(1))
    with pytest.raises(Damaged, match=journal.name.key(1)):
        read_run(checked, journal.name)


async def test_a_run_that_lost_its_beginning_stops_no_other(
    clock: RuledClock, checked: CheckedVault, tmp_path: Path
) -> None:
    wanted = await begun(clock, checked, tmp_path)
    lost = await begun(clock, checked, tmp_path)
    await lost.event("one")
    checked.delete(lost.name.key(1))
    found = find_unfinished(checked, move="failover", site="hetzner")
    assert found is not None
    assert found.name == wanted.name
    with pytest.raises(JournalBroken):
        read_run(checked, lost.name)


@pytest.mark.parametrize(
    "key", ["runs/x/000001.json", "runs/README", "runs/0000000x-t/000001.json", "runs/00000001"]
)
async def test_what_others_lay_beside_the_runs_is_left_alone(
    clock: RuledClock, checked: CheckedVault, tmp_path: Path, key: str
) -> None:
    journal = await begun(clock, checked, tmp_path)
    checked.raw.put(key, b"hello")
    checked.raw.put(f"{journal.name.folder}/README", b"hello")
    assert list_runs(checked) == (journal.name,)
    assert not what_is_left(checked, journal.name).faults


@pytest.mark.parametrize("key", ["lease/00000001", "lease-renewed/00000001"])
def test_a_damaged_lease_is_named_with_its_way_out_and_taken_over_by_it(
    clock: RuledClock, checked: CheckedVault, key: str
) -> None:
    Lease.acquire(checked, "r1", process=ELSEWHERE, clock=clock).renew()
    flipped(checked, key)
    with pytest.raises(Damaged, match=key) as caught:
        Lease.acquire(checked, "r2", clock=clock)
    assert "--take-over" in caught.value.facts.do
    taken = Lease.acquire(checked, "r2", take_over=True, clock=clock)
    taken.require()


def test_what_others_lay_beside_the_lease_is_left_alone(
    clock: RuledClock, checked: CheckedVault
) -> None:
    checked.raw.put("lease/x", b"hello")
    Lease.acquire(checked, "r1", clock=clock).require()
