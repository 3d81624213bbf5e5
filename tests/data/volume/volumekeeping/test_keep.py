"""How often a volume is looked at, where liferaft.toml does not say it."""

from liferaft.data.volume.volumekeeping.keep import VolumeState, rests


def test_a_small_one_is_looked_at_each_time_and_a_large_one_more_seldom() -> None:
    assert not rests(VolumeState(1000.0, seconds=2.0), 1060.0)
    assert rests(VolumeState(1000.0, seconds=20.0), 1060.0)
    assert not rests(VolumeState(1000.0, seconds=20.0), 1201.0)


def test_hours_of_a_first_copy_are_no_hours_without_another() -> None:
    assert not rests(VolumeState(1000.0, seconds=7200.0), 2000.0)


def test_what_is_not_kept_is_tried_at_each_turn_however_long_the_last_copy_took() -> None:
    assert not rests(VolumeState(1000.0, seconds=7200.0, failing="no answer"), 1060.0)


def test_a_clock_that_was_set_back_holds_up_nothing() -> None:
    assert not rests(VolumeState(9000.0, seconds=20.0), 1000.0)
