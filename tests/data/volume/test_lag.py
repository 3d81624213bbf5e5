"""What keepers of a volume say is told as it is: a measured age, or that nothing is known."""

import json

from liferaft.data.volume.lag import VolumeLag, lags_in


def said(**state: object) -> str:
    noted = {"at": 995.0, "until": 990.0, "failing": "", **state}
    return f"1000.5\nmain:files {json.dumps(noted)}\nsecond:files no note\n"


def test_what_is_lost_is_what_was_written_since_the_last_look_that_a_vault_has() -> None:
    (one,) = lags_in(said())
    assert one == VolumeLag("main", 5.5, 10.5, "")
    assert (one.backlog.vault, one.backlog.seconds) == ("main", 10.5)


def test_a_vault_that_has_no_copy_is_not_told_as_nothing_to_lose() -> None:
    (one,) = lags_in(said(until=None))
    assert one.backlog.seconds is None
    assert one.backlog.why == "no copy there is whole yet"
    assert not one.has_said


def test_a_keeper_that_does_not_get_on_says_why_beside_what_it_had() -> None:
    (one,) = lags_in(said(failing="vault main does not answer"))
    assert one.backlog.seconds == 10.5
    assert one.backlog.why == "vault main does not answer"


def test_a_server_without_keepers_says_nothing() -> None:
    assert lags_in("1000.5") == ()
