import pytest

from liferaft.clouds.classification import Classification, CloudFailure, Verdict
from liferaft.clouds.placing import Room, first_with_room, rooms
from liferaft.clouds.sizes import Size

SIZES = [Size(name, 2, 4096, "x86_64", 0.1) for name in ("small", "large")]


def refusal(verdict: Verdict) -> CloudFailure:
    return CloudFailure("aws", "creating", Classification(verdict, "No", "full"), safe="Nothing.")


def test_the_next_size_is_tried_before_the_next_zone() -> None:
    tried: list[tuple[str, str]] = []

    def attempt(room: Room) -> str:
        tried.append((room.size.name, room.zone))
        if len(tried) < 4:
            raise refusal(Verdict.CAPACITY)
        return "made"

    assert first_with_room(rooms(SIZES, ["a", "b"]), attempt) == "made"
    assert tried == [("small", "a"), ("large", "a"), ("small", "b"), ("large", "b")]


def test_when_there_is_no_room_anywhere_all_that_was_tried_is_told() -> None:
    def attempt(_: Room) -> str:
        raise refusal(Verdict.CAPACITY)

    with pytest.raises(CloudFailure) as failed:
        first_with_room(rooms(SIZES, ["a"]), attempt)
    assert failed.value.facts.details["tried"] == "small in a, large in a"


def test_another_refusal_ends_the_search() -> None:
    tried = []

    def attempt(room: Room) -> str:
        tried.append(room)
        raise refusal(Verdict.QUOTA)

    with pytest.raises(CloudFailure):
        first_with_room(rooms(SIZES, ["a"]), attempt)
    assert len(tried) == 1
