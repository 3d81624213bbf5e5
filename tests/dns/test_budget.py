"""A vendor that was given up hears nothing more of us, however long its class goes on asking."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests import HTTPError, Response
from tests.dns.cloudflare import TOKEN, Cloudflare, Refused, served
from tests.dns.sorts import ByChange

from liferaft.dns import switch, vendors
from liferaft.dns.failures import DnsVendorSilent
from liferaft.dns.records import OwnRecords
from liferaft.dns.vendors import DnsVendor

pytest.importorskip("octodns_cloudflare", reason="an older environment: run `make setup`")
APP, OLD, NEW, OTHER = "app.example.test", "198.51.100.7", "192.0.2.9", "203.0.113.9"
PATIENCE = 30.0
Hanging = Callable[[str, str], bool]


class Slow(Cloudflare):
    """Keeps an answer back until it is let go, for requests that `hangs` names."""

    def __init__(self, zone: str) -> None:
        super().__init__(zone)
        self.hangs: Hanging = lambda *_: False
        self.go, self.hung = threading.Event(), threading.Event()
        self.busy = 0
        """So many requests for a change are answered by 429."""

    def answer(self, method: str, target: str, headers: Any, body: Any) -> Any:
        if self.hangs(method, target):
            self.hung.set()
            self.go.wait(PATIENCE)
        if method != "GET" and self.busy:
            self.busy -= 1
            self.asked.append((method, target, None))
            raise Refused(429, 971, "Please wait and consider throttling your request speed")
        return super().answer(method, target, headers, body)


@pytest.fixture
def slow() -> Iterator[Slow]:
    with served(Slow("example.test")) as one:
        assert isinstance(one, Slow)
        one.add("A", APP, OLD)
        yield one
        one.go.set()


def vendor(slow: Slow, **options: Any) -> DnsVendor:
    given = {"token": TOKEN, "api_url": slow.url, "pagerules": False, "min_ttl": 60, **options}
    return DnsVendor("cf", "octodns_cloudflare.CloudflareProvider", given)


def wanted(address: str) -> OwnRecords:
    return OwnRecords("example.test", APP, (address,), 60)


async def move(one: DnsVendor, to: str, deadline: float = PATIENCE) -> switch.ZoneOutcome:
    (outcome,) = await switch.apply([one], wanted(to), deadline=deadline)
    return outcome


def has_ended(name: str) -> bool:
    return not any(thread.name == name for thread in threading.enumerate())


async def no_thread_of(name: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not has_ended(name):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)


async def test_a_vendor_that_answers_after_it_was_given_up_is_not_written_to(slow: Slow) -> None:
    slow.hangs = lambda _, target: "dns_records" in target
    outcome = await move(vendor(slow), NEW, deadline=0.5)
    assert isinstance(outcome.failure, DnsVendorSilent)
    assert outcome.failure.facts.safe.startswith(
        "It was sent no change, and none is sent any more."
    )
    slow.go.set()
    await no_thread_of("dns-cf")
    assert slow.writes == []


async def test_a_late_answer_in_the_middle_of_a_change_does_not_undo_a_later_move(
    slow: Slow,
) -> None:
    slow.add("A", APP, "198.51.100.8")  # one has to be changed and one deleted: two requests
    first = True

    def hangs(method: str, _: str) -> bool:
        nonlocal first
        is_it = method != "GET" and first
        first = first and not is_it
        return is_it

    slow.hangs = hangs
    outcome = await move(vendor(slow), NEW, deadline=1)
    assert isinstance(outcome.failure, DnsVendorSilent)
    assert "Whether it took the change is not known" in outcome.failure.facts.safe
    begun = len(slow.writes)
    slow.go.set()
    await no_thread_of("dns-cf")
    assert len(slow.writes) <= begun + 1  # the one that was under way
    assert (await move(vendor(slow), OLD)).is_ok
    assert [row["content"] for row in slow.rows.values() if row["name"] == APP] == [OLD]


async def test_a_step_that_is_cancelled_leaves_nobody_behind_who_writes(slow: Slow) -> None:
    slow.hangs = lambda _, target: "dns_records" in target
    moving = asyncio.create_task(move(vendor(slow), NEW))
    async with asyncio.timeout(PATIENCE):
        while not slow.hung.is_set():  # noqa: ASYNC110 - it is set in a thread
            await asyncio.sleep(0.02)
    moving.cancel()
    await asyncio.gather(moving, return_exceptions=True)
    slow.go.set()
    await no_thread_of("dns-cf")
    assert slow.writes == []


async def test_a_vendor_that_is_busy_is_asked_again_within_the_steps_time(slow: Slow) -> None:
    slow.busy = 1
    began = time.monotonic()
    assert (await move(vendor(slow), NEW)).is_ok
    assert time.monotonic() - began < PATIENCE
    assert [row["content"] for row in slow.rows.values() if row["name"] == APP] == [NEW]


async def test_a_pause_of_the_class_that_outlives_the_step_ends_without_a_request(
    slow: Slow,
) -> None:
    slow.busy = 1
    outcome = await move(vendor(slow, retry_period=2), NEW, deadline=1)
    assert isinstance(outcome.failure, DnsVendorSilent)
    asked = len(slow.asked)
    await no_thread_of("dns-cf")
    assert len(slow.asked) == asked


class DeletesFirst(ByChange):
    """As Gandi's class does: an update is a delete and a create, each of which may meet a limit."""

    left_to_fail = 1

    def _apply(self, plan: Any) -> None:
        for change in plan.changes:
            self.rows.pop((change.record.name, "A"), None)
        if type(self).left_to_fail:
            type(self).left_to_fail -= 1
            answer = Response()
            answer.status_code = 429
            raise HTTPError("429 Too Many Requests", response=answer)
        super()._apply(plan)


async def test_a_vendor_that_is_busy_between_delete_and_create_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vendors, "AGAIN_SECONDS", 0.05)
    rows: Any = {
        ("", "NS"): {"type": "NS", "ttl": 60, "value": "ns1.vendor.test."},
        ("app", "A"): {"type": "A", "ttl": 60, "value": OLD},
    }
    one = DnsVendor("memory", f"{__name__}.DeletesFirst", {"rows": rows})
    assert (await move(one, NEW)).is_ok
    assert rows["app", "A"]["value"] == NEW
