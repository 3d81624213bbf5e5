"""What the fetch log proves."""

from liferaft.data.postgres.replay import times_absent

LOG = """\
1763815800.100000 0 000000010000000000000004
1763815800.900000 1 000000010000000000000005
1763815801.400000 1 00000002.history
1763815801.900000 1 000000010000000000000005
1763815802.500000 1 000000010000000000000005
"""


def test_only_what_was_asked_since_the_listing_counts() -> None:
    assert times_absent(LOG, "000000010000000000000005", 0) == 3
    assert times_absent(LOG, "000000010000000000000005", 1763815801.0) == 2


def test_a_delivered_segment_is_not_absent() -> None:
    assert times_absent(LOG, "000000010000000000000004", 0) == 0


def test_a_line_that_is_being_written_does_not_disturb() -> None:
    assert times_absent(LOG + "1763815803.1 1", "000000010000000000000005", 1763815802.0) == 1
