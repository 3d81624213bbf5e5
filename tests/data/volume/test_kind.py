"""What a failover brings of a volume does not hang on the recovery point that it begins with."""

from liferaft.data.volume.kind import VOLUME
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint

PART = Part("volume", "files", 1, "2026-11-22T14:00:00Z", 4096, {"snapshot": "a" * 64, "count": 3})


def test_a_point_from_before_the_volume_was_data_stops_no_failover() -> None:
    point = RecoveryPoint("p", "chirp", 1, "east", "2026-11-22T14:00:00Z", (PART,))
    assert VOLUME.part_of(point, "files") is PART
    unknown = VOLUME.part_of(point, "more")
    assert (unknown.kind, unknown.name, unknown.epoch, unknown.facts) == ("volume", "more", 1, {})
