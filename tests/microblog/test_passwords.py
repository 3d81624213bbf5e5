"""Passwords at rest."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from liferaft_stacks.microblog.app import passwords
from liferaft_stacks.microblog.app.unavailable import Unavailable


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)


def test_the_right_password_matches_and_a_wrong_one_does_not() -> None:
    stored = passwords.hashed("correct horse")
    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("correct house", stored)


def test_the_same_password_is_stored_differently_each_time() -> None:
    assert passwords.hashed("correct horse") != passwords.hashed("correct horse")


def test_a_hash_made_at_another_cost_still_matches(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = passwords.hashed("correct horse")
    monkeypatch.setattr(passwords, "COST", 2**5)
    assert passwords.matches("correct horse", stored)


def test_where_too_many_come_at_once_some_are_sent_away_and_others_come_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker has threads for pages of other people all the while."""
    scrypt, hashing, leave = hashlib.scrypt, threading.Event(), threading.Event()

    def slow(password: bytes, **cost: Any) -> bytes:
        hashing.set()
        assert leave.wait(10)
        return scrypt(password, **cost)

    monkeypatch.setattr(hashlib, "scrypt", slow)
    monkeypatch.setattr(passwords, "PATIENCE_SECONDS", 0.05)
    with ThreadPoolExecutor(1) as others:
        first = others.submit(passwords.hashed, "correct horse")
        assert hashing.wait(10)
        with pytest.raises(Unavailable, match="Many people"):
            passwords.hashed("battery staple")
        leave.set()
        stored = first.result(10)
    assert passwords.matches("correct horse", stored)
