"""Segment arithmetic."""

from liferaft.data.postgres.wal import (
    SEGMENT_BYTES,
    Fork,
    History,
    Segment,
    archived,
    format_lsn,
    parse_lsn,
    reach,
    segment_ended_by,
)

SHA = "0" * 40


def held(*names: str) -> frozenset[Segment]:
    return frozenset(Segment.parse(name) for name in names)


def test_lsns_are_bytes_and_back() -> None:
    assert parse_lsn("16/B374D848") == 0x16B374D848
    assert format_lsn(0x16B374D848) == "16/B374D848"
    assert format_lsn(parse_lsn("0/5000000")) == "0/5000000"


def test_a_segments_name_counts_256_of_them_per_high_half() -> None:
    assert Segment(1, 255).name == "0000000100000000000000FF"
    assert Segment(1, 256).name == "000000010000000100000000"
    assert Segment.parse("0000000A00000001000000FF") == Segment(10, 511)


def test_a_position_at_a_boundary_ends_the_earlier_segment() -> None:
    assert segment_ended_by(4 * SEGMENT_BYTES) == 3
    assert segment_ended_by(4 * SEGMENT_BYTES + 1) == 4


def test_a_listing_keeps_whole_segments_only() -> None:
    names = [
        f"000000010000000000000004-{SHA}.lz4",
        f"000000010000000000000005-{SHA}",
        f"000000010000000000000005.partial-{SHA}.lz4",
        f"000000010000000000000003.00000028.backup-{SHA}",
        "00000002.history",
        "0000000100000000",
    ]
    assert archived(names) == held("000000010000000000000004", "000000010000000000000005")


def test_a_replay_reaches_the_newest_segment_without_holes() -> None:
    segments = held(*(f"0000000100000000000000{n:02X}" for n in range(2, 9)))
    found = reach(segments, History(1), replayed=3 * SEGMENT_BYTES + 77)
    assert (found.last, found.newest, found.holes) == (Segment(1, 8), Segment(1, 8), ())


def test_a_hole_stops_the_reach_and_is_named() -> None:
    segments = held(*(f"0000000100000000000000{n:02X}" for n in (2, 3, 4, 7)))
    found = reach(segments, History(1), replayed=3 * SEGMENT_BYTES)
    assert found.last == Segment(1, 4)
    assert found.holes == (Segment(1, 5), Segment(1, 6))
    assert found.newest == Segment(1, 7)


def test_segments_older_than_the_replay_are_not_missed() -> None:
    found = reach(held("000000010000000000000009"), History(1), replayed=8 * SEGMENT_BYTES + 5)
    assert found.last == Segment(1, 9)
    assert found.holes == ()


def test_with_nothing_newer_a_replay_is_at_its_end_already() -> None:
    found = reach(frozenset(), History(1), replayed=8 * SEGMENT_BYTES + 5)
    assert found.last == Segment(1, 8)


def test_a_history_names_the_timeline_of_each_segment() -> None:
    text = "1\t0/3000060\tno recovery target specified\n\n2\t0/5000000\tbefore 2000\n"
    history = History.parse(3, text)
    assert history == History(3, (Fork(1, 0x3000060), Fork(2, 0x5000000)))
    assert [history.segment(number).timeline for number in (2, 3, 4, 5, 6)] == [1, 2, 2, 3, 3]


def test_what_a_rogue_copy_of_the_old_timeline_adds_beyond_the_fork_does_not_count() -> None:
    history = History(2, (Fork(1, 5 * SEGMENT_BYTES + 96),))
    segments = held(
        "000000010000000000000004",
        "000000010000000000000005",
        "000000010000000000000006",
        "000000020000000000000005",
    )
    found = reach(segments, history, replayed=4 * SEGMENT_BYTES)
    assert found.newest == Segment(2, 5)
    assert found.last == Segment(2, 5)
