import asyncio
import dataclasses
import os
import subprocess
import threading
from collections.abc import Callable

import pytest
from obstore.store import MemoryStore

from liferaft.failures import Held
from liferaft.journal import Lease, LeaseHeld, LeaseLost, hold_lease
from liferaft.journal.process import Process

from .conftest import RuledClock, Vendor

OTHER = Process("ann@laptop", 4711, "another machine", "1")
PATIENCE = 60.0
"""Seconds for what comes by itself, on a busy machine too."""


async def comes(what: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not what():  # noqa: ASYNC110  # renewals are made in threads
            await asyncio.sleep(0.005)


def test_a_second_operator_is_told_who_holds_the_lease(vault: Vendor, clock: RuledClock) -> None:
    Lease.acquire(vault, "run-1", process=OTHER, clock=clock)
    with pytest.raises(LeaseHeld, match=r"ann@laptop \(process 4711\) has been running run-1") as e:
        Lease.acquire(vault, "run-2", clock=clock)
    assert "since 2026-11-22T14:00:00.000Z" in str(e.value)
    assert "2026-11-22T14:01:00.000Z" in e.value.facts.do


def test_a_second_operator_is_told_what_runs(vault: Vendor, clock: RuledClock) -> None:
    Lease.acquire(vault, "run-1", what="failover of north", process=OTHER, clock=clock)
    with pytest.raises(LeaseHeld, match="has been running the failover of north since"):
        Lease.acquire(vault, "run-2", clock=clock)


async def test_what_went_wrong_under_a_lease_keeps_its_cause(vault: Vendor) -> None:
    cause = Held("the cause")
    with pytest.raises(Held, match="the whole") as caught:
        async with hold_lease(vault, "run-1"):
            raise Held("the whole") from cause
    assert caught.value.__cause__ is cause


def test_a_lease_tells_whether_the_one_before_was_given_back(
    vault: Vendor, clock: RuledClock
) -> None:
    """Who was killed may have been between the writes to two vaults."""
    first = Lease.acquire(vault, "run-1", process=OTHER, clock=clock)
    assert not first.follows_a_kill()
    first.release()
    second = Lease.acquire(vault, "run-2", process=OTHER, clock=clock)
    assert not second.follows_a_kill()
    third = Lease.acquire(vault, "run-3", clock=clock, take_over=True)
    assert third.follows_a_kill()


def test_a_renewed_lease_keeps_others_out(vault: Vendor, clock: RuledClock) -> None:
    lease = Lease.acquire(vault, "run-1", process=OTHER, clock=clock)
    for _ in range(5):
        clock.advance(50)
        lease.renew()
        with pytest.raises(LeaseHeld):
            Lease.acquire(vault, "run-2", clock=clock)


def test_a_lapsed_lease_can_be_taken_and_its_holder_learns_of_it(
    vault: Vendor, clock: RuledClock
) -> None:
    first = Lease.acquire(vault, "run-1", process=OTHER, clock=clock)
    clock.advance(61)
    second = Lease.acquire(vault, "run-2", clock=clock)
    for call in (first.renew, first.require):
        with pytest.raises(LeaseLost, match="has been running run-2"):
            call()
    first.release()
    second.renew()


def test_a_released_lease_is_free_at_once(vault: Vendor, clock: RuledClock) -> None:
    Lease.acquire(vault, "run-1", process=OTHER, clock=clock).release()
    Lease.acquire(vault, "run-2", clock=clock)


def test_a_lease_can_be_taken_over_on_demand(vault: Vendor, clock: RuledClock) -> None:
    first = Lease.acquire(vault, "run-1", process=OTHER, clock=clock)
    Lease.acquire(vault, "run-2", take_over=True, clock=clock)
    with pytest.raises(LeaseLost):
        first.require()


def test_a_dead_process_of_this_machine_keeps_nobody_waiting(
    vault: Vendor, clock: RuledClock
) -> None:
    with subprocess.Popen(["true"]) as child:
        dead = dataclasses.replace(Process.this(), pid=child.pid, started="1")
    Lease.acquire(vault, "run-1", process=dead, clock=clock)
    Lease.acquire(vault, "run-2", clock=clock)
    with pytest.raises(LeaseHeld, match="run-2"):
        Lease.acquire(vault, "run-3", clock=clock)


def test_whether_a_process_elsewhere_is_dead_is_not_guessed() -> None:
    assert not Process.this().is_dead()
    assert not OTHER.is_dead()
    assert not dataclasses.replace(Process.this(), place="").is_dead()


def test_who_has_a_number_and_no_name_can_hold_a_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert Process.this().who.startswith(f"{os.getuid()}@")


async def test_a_held_lease_is_renewed_and_released(vault: Vendor) -> None:
    async with hold_lease(vault, "run-1", every=0.01) as lease:
        await comes(lambda: vault.list("lease-renewed"))
        assert vault.list("lease-renewed") == ("lease-renewed/00000001",)
        lease.require()
    async with hold_lease(vault, "run-2"):
        pass


async def test_a_lost_lease_stops_the_run(vault: Vendor) -> None:
    stopped = False
    with pytest.raises(LeaseLost, match="run-2"):  # noqa: PT012  # the wait is what gets cancelled
        async with hold_lease(vault, "run-1", every=0.01):
            Lease.acquire(vault, "run-2", process=OTHER, take_over=True)
            try:
                await asyncio.sleep(PATIENCE)
            except asyncio.CancelledError:
                stopped = True
                raise
    assert stopped


async def test_who_takes_over_begins_when_the_other_run_has_stopped(
    vault: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be in a step that takes a while to end."""
    monkeypatch.setattr("liferaft.journal.lease._ASK_SECONDS", 0.01)
    begun, told, ends, marks = asyncio.Event(), asyncio.Event(), asyncio.Event(), list[str]()

    async def first() -> None:
        async with hold_lease(vault, "run-1", every=0.01):
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                told.set()
                await ends.wait()
                marks.append("run-1 has stopped")

    async def second() -> None:
        async with hold_lease(vault, "run-2", take_over=True):
            marks.append("run-2 begins")

    async with asyncio.timeout(PATIENCE):
        robbed = asyncio.create_task(first())
        await begun.wait()
        taking = asyncio.create_task(second())
        await told.wait()
        ends.set()
        await taking
        with pytest.raises(LeaseLost, match="run-2"):
            await robbed
    assert marks == ["run-1 has stopped", "run-2 begins"]


async def test_who_takes_over_from_a_run_that_says_nothing_more_does_not_wait_for_ever(
    vault: Vendor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("liferaft.journal.lease.HANDOVER_SECONDS", 0.05)
    Lease.acquire(vault, "run-1", process=OTHER)
    async with hold_lease(vault, "run-2", take_over=True):
        waiting, without = caplog.messages
    assert "Waiting for the run of ann@laptop" in waiting
    assert "Going on without it" in without


async def test_nobody_is_waited_for_who_has_stopped(
    vault: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    Lease.acquire(vault, "run-1", process=OTHER).release()
    async with hold_lease(vault, "run-2", take_over=True):
        pass
    assert caplog.messages == []


async def test_a_failure_under_the_lease_stays_itself_and_frees_the_lease(vault: Vendor) -> None:
    with pytest.raises(KeyError):
        async with hold_lease(vault, "run-1"):
            raise KeyError("of the run")
    Lease.acquire(vault, "run-2")


async def test_a_vault_that_is_cut_off_for_a_while_does_not_stop_the_run(vault: Vendor) -> None:
    async with hold_lease(vault, "run-1", every=0.01) as lease:
        vault.cut = True
        await comes(lambda: vault.refused > 1)
        vault.cut = False
        lease.renew()


class SlowAtFirst(Vendor):
    """Its first write is not done before the second, if that does not wait for it."""

    def __init__(self) -> None:
        super().__init__("main", MemoryStore())
        self.under_way, self.overtaken = threading.Event(), threading.Event()

    def put(self, key: str, body: bytes) -> None:
        if self.under_way.is_set():
            super().put(key, body)
            self.overtaken.set()
        else:
            self.under_way.set()
            self.overtaken.wait(0.3)
            super().put(key, body)


async def test_a_renewal_that_is_under_way_at_the_end_keeps_nobody_out() -> None:
    vault = SlowAtFirst()
    async with hold_lease(vault, "run-1", every=0.01):
        await comes(vault.under_way.is_set)
    Lease.acquire(vault, "run-2")
