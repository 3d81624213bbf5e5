"""What rows name is copied, and the archive waits for it as long as is good, and no longer."""

import time
from collections.abc import Callable
from threading import Event

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER
from tests.data.bucket.bucketcopy.scripted_rows import ScriptedRows

from liferaft.data.bucket.bucketcopy.feed import Feed
from liferaft.data.bucket.bucketcopy.following import HOLD, MARGIN, RETRIED, Following
from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.store import Unreached

NOW = 1_795_960_800.0
QUERIES = ["select object_key, id from uploads where id > $1"]
Bring = Callable[[str], bool]


def followed(rows: ScriptedRows, bring: Bring) -> Following:
    held = Manifest(FOLDER)
    return Following(lambda now: Feed(rows, QUERIES, held, now), bring)


def settled(following: Following, now: float) -> float | None:
    """A step, once the trials that it began have ended, and another at the same moment."""
    following.step(now)
    while any(one.trial and not one.trial.done() for one in following._named.values()):
        time.sleep(0.001)
    return following.step(now)


def test_the_moment_is_that_of_the_rows_once_their_objects_are_copied() -> None:
    rows, brought = ScriptedRows(), list[str]()

    def bring(key: str) -> bool:
        brought.append(key)
        return True

    following = followed(rows, bring)
    assert following.step(NOW) == NOW - MARGIN
    rows.write("cat.jpg")
    assert settled(following, NOW + 1) == NOW + 1 - MARGIN
    assert brought == ["cat.jpg"]


def test_an_object_that_is_being_copied_holds_the_moment_up_where_its_row_was_not_seen() -> None:
    rows, ends = ScriptedRows(), Event()
    following = followed(rows, lambda _: ends.wait(60))
    following.step(NOW)
    rows.write("film.mp4")
    for second in (1, 2, 3):
        assert following.step(NOW + second) == NOW - MARGIN
    ends.set()
    assert settled(following, NOW + 4) == NOW + 4 - MARGIN


def test_an_object_that_is_named_again_while_it_is_copied_is_copied_once_more() -> None:
    """It was put again meanwhile, and what is under way is the one before."""
    rows, began, ends, there, kept = ScriptedRows(), Event(), Event(), ["first"], list[str]()

    def bring(_: str) -> bool:
        read = there[0]
        began.set()
        ends.wait(60)
        kept.append(read)
        return True

    following = followed(rows, bring)
    following.step(NOW)
    rows.write("avatar.png")
    following.step(NOW + 1)
    assert began.wait(60)
    there[0] = "second"
    rows.write("avatar.png")
    assert following.step(NOW + 2) == NOW - MARGIN
    ends.set()
    settled(following, NOW + 3)
    assert settled(following, NOW + 4) == NOW + 4 - MARGIN
    assert kept == ["first", "second"]


def test_a_row_without_its_object_does_not_stop_the_archive(
    capfd: pytest.CaptureFixture[str],
) -> None:
    rows, tries = ScriptedRows(), list[str]()

    def bring(key: str) -> bool:
        tries.append(key)
        return False

    following = followed(rows, bring)
    following.step(NOW)
    rows.write("never")
    assert settled(following, NOW + 1) == NOW - MARGIN
    assert settled(following, NOW + HOLD) == NOW - MARGIN
    assert settled(following, NOW + 1 + HOLD) == NOW + 1 + HOLD - MARGIN
    for second in range(30, int(RETRIED) + 60, 5):
        settled(following, NOW + second)
    assert 10 < len(tries) < 60, "again and again, and more and more rarely"
    said = capfd.readouterr().err
    assert said.count("a row names 'never', and it is not in the vault") == 1


def test_an_object_that_comes_after_its_row_is_copied() -> None:
    rows, there = ScriptedRows(), set[str]()
    following = followed(rows, there.__contains__)
    following.step(NOW)
    rows.write("late")
    settled(following, NOW + 1)
    there.add("late")
    for second in range(2, 6):
        moment = settled(following, NOW + second)
    assert moment == NOW + 5 - MARGIN
    assert not following._named


def test_a_store_that_is_silent_is_asked_again() -> None:
    rows, silent = ScriptedRows(), [True]

    def bring(_: str) -> bool:
        if silent[0]:
            raise Unreached("vault", "nobody answers")
        return True

    following = followed(rows, bring)
    following.step(NOW)
    rows.write("cat.jpg")
    assert settled(following, NOW + 1) == NOW - MARGIN
    silent[0] = False
    assert settled(following, NOW + 3) == NOW + 3 - MARGIN


def test_rows_that_cannot_be_read_give_no_moment_and_are_told_once(
    capfd: pytest.CaptureFixture[str],
) -> None:
    rows = ScriptedRows(fails='relation "uploads" does not exist')
    following = followed(rows, lambda _: True)
    for second in range(3):
        assert following.step(NOW + second) is None
        assert following.failing
    rows.fails = ""
    assert following.step(NOW + 3) == NOW + 3 - MARGIN
    assert not following.failing
    said = capfd.readouterr().err
    assert said.count('relation "uploads" does not exist') == 1
    assert said.count("can be read again") == 1
