"""What was asked for in vain, as it is kept."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from liferaft.hosts.isolation.gatekeeping import wants
from liferaft.hosts.isolation.gatekeeping.kernel import Turned
from liferaft.hosts.isolation.gatekeeping.wants import CALL, NAME, Want, Wants, load

MAIL = Want(NAME, "mail.example", "A", 0, "container", "app_web_1")
CALLED = Want(CALL, "192.0.2.1", "tcp", 443, "unit", "nightly.service")
TURNED = Turned("cgroup", "4711", "tcp", "192.0.2.1", 443)


def test_the_same_want_is_counted_with_its_first_and_last_moment() -> None:
    kept = Wants("boot")
    for at in (10.0, 20.0, 30.0):
        kept.add(MAIL, at)
    assert [(one.count, one.first, one.last) for one in kept.counts.values()] == [(3, 10.0, 30.0)]


def test_all_of_it_comes_back_from_the_disk(tmp_path: Path) -> None:
    kept = Wants("boot")
    kept.add(MAIL, 1.0)
    kept.add(CALLED, 2.0, 7)
    kept.give("vault.example", ["192.0.2.9"])
    kept.news({TURNED: 7})
    kept.save(tmp_path / "denied.json")
    assert load(tmp_path / "denied.json", "boot").text() == kept.text()


def test_a_boot_begins_the_kernels_counts_and_none_of_ours_anew(tmp_path: Path) -> None:
    kept = Wants("first")
    kept.add(CALLED, 2.0, 7)
    kept.news({TURNED: 7})
    kept.save(tmp_path / "denied.json")
    after = load(tmp_path / "denied.json", "second")
    assert after.counts == kept.counts
    assert after.news({TURNED: 2}) == {TURNED: 2}


def test_what_the_kernel_counted_is_news_once() -> None:
    kept = Wants("boot")
    assert kept.news({TURNED: 3}) == {TURNED: 3}
    assert kept.news({TURNED: 3}) == {}
    assert kept.news({TURNED: 5}) == {TURNED: 2}


def test_a_table_that_was_loaded_anew_counts_from_nothing() -> None:
    kept = Wants("boot")
    kept.news({TURNED: 5})
    assert kept.news({}) == {}
    assert kept.news({TURNED: 5}) == {TURNED: 5}


def test_who_asks_what_was_noted_waits_for_a_look_that_begins_after_he_asked(
    tmp_path: Path,
) -> None:
    record = tmp_path / "denied.json"
    kept = Wants("boot")
    kept.save(record)
    ended = threading.Event()
    with wants.keeping(record):

        def waits() -> None:
            wants.wait_until_noted(record, seconds=60)
            ended.set()

        threading.Thread(target=waits, daemon=True).start()
        assert not ended.wait(0.3)
        kept.save(record)
        assert not ended.wait(0.3), "it may have looked before that was asked"
        kept.add(MAIL, 1.0)
        kept.save(record)
        assert ended.wait(30)


def test_where_nobody_notes_anything_nobody_waits(tmp_path: Path) -> None:
    wants.wait_until_noted(tmp_path / "nowhere" / "denied.json", seconds=60)
    Wants("boot").save(tmp_path / "denied.json")
    begun = time.monotonic()
    wants.wait_until_noted(tmp_path / "denied.json", seconds=60)
    assert time.monotonic() - begun < 30


def test_a_gate_that_hangs_is_not_waited_for_without_an_end(tmp_path: Path) -> None:
    record = tmp_path / "denied.json"
    Wants("boot").save(record)
    begun = time.monotonic()
    with wants.keeping(record):
        wants.wait_until_noted(record, seconds=0.2)
    assert time.monotonic() - begun < 30


def test_an_app_that_asks_for_ever_new_names_fills_no_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wants, "MOST", 2)
    kept = Wants("boot")
    for number in range(5):
        kept.add(Want(NAME, f"{number}.example", "A", 0, "", ""), 1.0)
    kept.add(Want(NAME, "0.example", "A", 0, "", ""), 1.0)
    assert [(want.asked, one.count) for want, one in kept.counts.items()] == [
        *(("0.example", 2), ("1.example", 1), ("(more)", 3)),
    ]


def test_what_was_counted_by_address_and_by_name_is_one_with_its_first_and_last_moment() -> None:
    kept = Wants("boot")
    kept.add(replace(MAIL, by="10.89.0.4"), 10.0, 2)
    kept.add(MAIL, 20.0)
    assert kept.by_address(since=5.0) == ("10.89.0.4",)
    assert kept.by_address(since=15.0) == ()
    kept.rename("10.89.0.4", "app_web_1")
    ((want, count),) = kept.counts.items()
    assert (want, count.count, count.first, count.last) == (MAIL, 3, 10.0, 20.0)
