"""How long an SSH server is left in peace, after what our attempts have cost us there."""

import pytest

from liferaft.remote import penalties

TURNED_AWAY_FROM = 15.0
"""OpenSSH's own: https://man.openbsd.org/sshd_config#PerSourcePenalties"""


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(penalties, "time", made)
    monkeypatch.setattr(penalties, "_noted", {})
    return made


def attempts(clock: Clock, cost: float, *, seconds: float) -> list[float]:
    """When attempts are made that each cost so much, as early as may be, and what the server has
    noted after the worst of them."""
    begin, noted, made = clock.now, clock.now, list[float]()
    while clock.now - begin < seconds:
        clock.now += penalties.pause("192.0.2.1", 22)
        made.append(round(clock.now - begin, 1))
        noted = max(noted, clock.now) + cost
        assert noted - clock.now < TURNED_AWAY_FROM
        penalties.note("192.0.2.1", 22, cost)
        clock.now += 0.1
    return made


def test_a_server_that_just_boots_is_asked_often_in_its_first_second(clock: Clock) -> None:
    made = attempts(clock, penalties.CLOSED_SECONDS, seconds=20)
    assert len([at for at in made if at < 1]) == 10
    assert len([at for at in made if 10 <= at < 20]) == 10, "and then once a second"


def test_a_key_that_is_not_known_yet_is_shown_twice_and_then_every_five_seconds(
    clock: Clock,
) -> None:
    made = attempts(clock, penalties.REFUSED_SECONDS, seconds=14)
    assert made == [0.0, 0.1, 5.0, 10.0, 15.0]


def test_another_server_is_not_left_in_peace_for_it(clock: Clock) -> None:
    attempts(clock, penalties.REFUSED_SECONDS, seconds=1)
    assert penalties.pause("192.0.2.1", 22) > 0
    assert penalties.pause("192.0.2.2", 22) == 0
