"""What the vault holds of a bucket is opened, and each damage told by its name there."""

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, Place, kept
from tests.data.flat_store import Asked, Refusal

from liferaft.data.bucket.bucketcopy import verify as room
from liferaft.data.bucket.bucketcopy.store import StoreRefused, Unreached
from liferaft.data.bucket.bucketcopy.verify import verify, verify_all


@pytest.fixture
def objects(place: Place) -> list[str]:
    """Names in the vault of small objects and one of several pieces."""
    for number in range(30):
        place.flat.put("site", f"pictures/{number}", b"x" * number)
    place.flat.put("site", "film", bytes(3 << 20))
    kept(place)
    return sorted(place.flat.bucket("vault"))


def test_everything_is_read_to_its_end_and_nothing_is_written(
    place: Place, objects: list[str]
) -> None:
    asked: list[str] = []
    place.flat.before = lambda one: asked.append(one.method)
    came = verify_all(place.task("site"))
    assert (came["objects"], came["read"], came["damaged_count"]) == (31, 31, 0)
    assert came["read_size"] == sum(range(30)) + (3 << 20)
    assert len(objects) == 31
    assert set(asked) == {"GET"}


@pytest.mark.parametrize("at", [0.0, 0.02, 0.5, 0.999])
def test_one_flipped_byte_is_found_wherever_it_is(
    place: Place, objects: list[str], at: float
) -> None:
    for key in (
        objects[0],
        max(objects, key=lambda one: len(place.flat.bucket("vault")[one].body)),
    ):
        one = place.flat.bucket("vault")[key]
        body = bytearray(one.body)
        body[int(len(body) * at)] ^= 1
        one.body = bytes(body)
        came = verify_all(place.task("site"))
        assert key in came["damaged"]


def test_an_object_under_anothers_name_or_cut_short_is_damage(
    place: Place, objects: list[str]
) -> None:
    vault = place.flat.bucket("vault")
    vault[objects[0]] = vault[objects[1]]
    vault[objects[2]].body = vault[objects[2]].body[:-1]
    assert set(verify_all(place.task("site"))["damaged"]) == {objects[0], objects[2]}


def test_a_sample_has_the_newest_and_counts_all(
    place: Place, objects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_NEWEST", 2)
    monkeypatch.setattr(room, "_ANY", 3)
    newest = objects[:2]
    for key in newest:
        place.flat.bucket("vault")[key].modified = 2e9
        place.flat.bucket("vault")[key].body = b"torn"
    came = verify(place.task("site"))
    assert came["objects"] == 31
    assert set(came["damaged"]) >= set(newest)
    assert came["read"] + came["damaged_count"] <= 5


def test_an_object_that_a_newer_version_replaced_meanwhile_is_no_damage(
    place: Place, objects: list[str]
) -> None:
    vault = place.flat.bucket("vault")
    gone, lost = objects[0], objects[1]
    replacement = f"{gone.partition('.')[0]}.0123456789abcdef"

    def before(asked: Asked) -> None:
        if asked.method == "GET" and asked.key == gone and gone in vault:
            vault[replacement] = vault.pop(gone)
        if asked.method == "GET" and asked.key == lost:
            vault.pop(lost, None)

    place.flat.before = before
    assert list(verify_all(place.task("site"))["damaged"]) == [lost]


def test_a_vault_that_refuses_everything_is_no_damage(place: Place, objects: list[str]) -> None:
    assert objects[0].startswith(FOLDER)

    def before(asked: Asked) -> None:
        if asked.key:
            raise Refusal(403, "AccessDenied")

    place.flat.before = before
    with pytest.raises((StoreRefused, Unreached)):
        verify_all(place.task("site"))
