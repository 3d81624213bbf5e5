"""Passwords at rest."""

import pytest

from liferaft_stacks.microblog.app import passwords


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
