"""What comes back of a bucket that several vaults have, when one of them is silent, behind or
damaged."""

import dataclasses
from collections.abc import Callable, Collection
from itertools import count
from pathlib import Path

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, SEAL, Place, progress
from tests.data.flat_store import Asked, Refusal
from tests.moto_store import moto_store
from tests.seaweed import FIRST, seaweed

from liferaft.data.bucket.bucketcopy import to_site, uploads
from liferaft.data.bucket.bucketcopy.dialect import StoreKeys
from liferaft.data.bucket.bucketcopy.restore import compare, restore
from liferaft.data.bucket.bucketcopy.sealing import GONE
from liferaft.data.bucket.bucketcopy.snapshot import snapshot
from liferaft.data.bucket.bucketcopy.store import Store, StoreRefused, Unreached
from liferaft.data.bucket.bucketcopy.task import Task

MAIN, OTHER = "vault", "other"
"""Buckets of two vaults."""


def keep(place: Place, vault: str) -> None:
    """The site's bucket in this vault, as it is now."""
    task = place.task("site")
    came = snapshot(dataclasses.replace(task, vault=place.store("vault", vault)))
    assert (came["missing"], came["left_out_count"]) == (0, 0)


def both(place: Place, *, whole: int = 2) -> Task:
    """A restore from both."""
    return dataclasses.replace(
        place.task("new"),
        vault=place.store("vault main", MAIN),
        others=[place.store("vault other", OTHER)],
        whole=whole,
    )


def silent(*buckets: str, after: int = 0) -> Callable[[Asked], None]:
    """A store that refuses everything in these buckets, after so many answers."""
    number = count()

    def before(asked: Asked) -> None:
        if asked.bucket in buckets and next(number) >= after:
            raise Refusal(503, "ServiceUnavailable")

    return before


def back(place: Place) -> dict[str, bytes]:
    return {key: one.body for key, one in place.flat.bucket("new").items()}


def put(place: Place, keys: Collection[str], body: bytes = b"first") -> dict[str, bytes]:
    for key in keys:
        place.flat.put("site", key, body)
    return dict.fromkeys(keys, body)


def break_object(place: Place, vault: str, *, one: int = 0) -> str:
    """Its name in the vault."""
    name = sorted(place.flat.bucket(vault))[one]
    thing = place.flat.bucket(vault)[name]
    thing.body = thing.body[:-1] + bytes([thing.body[-1] ^ 1])
    return name


def test_what_only_one_of_two_vaults_has_comes_back_as_well(place: Place) -> None:
    old = put(place, ["a", "b"])
    keep(place, MAIN)
    new = put(place, ["c"])
    keep(place, OTHER)
    place.flat.bucket(OTHER).pop(min(place.flat.bucket(OTHER)))
    restore(both(place))
    assert back(place) == old | new
    assert compare(both(place))["missing_count"] == 0


@pytest.mark.parametrize("behind", [MAIN, OTHER])
def test_the_latest_version_comes_back_whichever_vault_was_away_meanwhile(
    place: Place, behind: str
) -> None:
    put(place, ["a", "b"])
    keep(place, MAIN)
    keep(place, OTHER)
    place.flat.bucket("site")["a"].modified -= 60
    old = dict(place.flat.bucket(behind))
    new = put(place, ["a"], b"second")
    keep(place, MAIN)
    keep(place, OTHER)
    place.flat.buckets[behind] = old
    restore(both(place))
    assert back(place) == {"b": b"first", **new}


def test_two_vaults_that_have_the_same_are_asked_for_each_object_once(place: Place) -> None:
    put(place, [str(n) for n in range(10)])
    keep(place, MAIN)
    keep(place, OTHER)
    place.flat.asked.clear()
    restore(both(place))
    fetched = [t for m, t, _ in place.flat.asked if m == "GET" and FOLDER in t and "?" not in t]
    assert len(fetched) == 10
    assert len(back(place)) == 10


@pytest.mark.parametrize("dead", [MAIN, OTHER])
def test_a_vault_that_is_silent_from_the_start_stops_nothing_and_is_told(
    place: Place, dead: str
) -> None:
    there = put(place, ["a", "b"])
    keep(place, MAIN)
    keep(place, OTHER)
    place.flat.before = silent(dead)
    restore(both(place))
    assert back(place) == there
    called = "vault main" if dead == MAIN else "vault other"
    assert list(progress(place)["silent"]) == [called]
    assert "503" in progress(place)["silent"][called]
    assert compare(both(place))["missing_count"] == 0


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("answers", range(1, 14, 3))
def test_a_vault_that_falls_silent_half_way_is_replaced_by_the_other(
    place: Place, monkeypatch: pytest.MonkeyPatch, answers: int, large: bool
) -> None:
    if large:
        monkeypatch.setattr(uploads, "SMALL", 1)
        monkeypatch.setattr(to_site, "SMALL", 1)
    there = put(place, [str(n) for n in range(40)])
    keep(place, MAIN)
    keep(place, OTHER)
    place.flat.before = silent(MAIN, after=answers)
    restore(both(place))
    assert back(place) == there
    assert progress(place)["damaged"] == {}
    assert list(progress(place)["silent"]) == ["vault main"]


def test_what_a_silent_vault_alone_has_comes_once_it_answers_again(place: Place) -> None:
    put(place, ["a"])
    keep(place, OTHER)
    new = put(place, ["b"])
    keep(place, MAIN)
    refused = 4  # as often as one question is asked
    number = count()

    def before(asked: Asked) -> None:
        if asked.bucket == MAIN and next(number) < refused:
            raise Refusal(503, "ServiceUnavailable")

    place.flat.before = before
    restore(both(place))
    assert back(place) == {"a": b"first"} | new
    assert progress(place)["silent"] == {}


def test_what_a_vault_alone_has_that_falls_silent_is_told_by_name_and_not_as_damaged(
    place: Place,
) -> None:
    put(place, ["a"])
    keep(place, OTHER)
    put(place, ["b"])
    keep(place, MAIN)
    place.flat.before = silent(MAIN, after=2)
    restore(both(place))
    assert back(place) == {"a": b"first"}
    [(_, why)] = progress(place)["damaged"].items()
    assert "vault main" in why
    assert "503" in progress(place)["silent"]["vault main"]


@pytest.mark.parametrize("large", [False, True])
def test_a_damaged_copy_is_taken_from_the_other_vault_and_told(
    place: Place, monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    if large:
        monkeypatch.setattr(uploads, "SMALL", 1)
        monkeypatch.setattr(to_site, "SMALL", 1)
    there = put(place, ["a", "b", "c"])
    keep(place, MAIN)
    keep(place, OTHER)
    bad = break_object(place, MAIN)
    restore(both(place))
    assert back(place) == there
    assert list(progress(place)["mended"]) == [bad]
    assert "vault main" in progress(place)["mended"][bad]
    assert progress(place)["damaged_count"] == 0


def test_an_object_that_no_vault_has_whole_is_told_and_the_others_come_back(place: Place) -> None:
    put(place, ["a", "b", "c"])
    keep(place, MAIN)
    keep(place, OTHER)
    bad = break_object(place, MAIN)
    assert break_object(place, OTHER) == bad
    restore(both(place))
    assert len(back(place)) == 2
    assert list(progress(place)["damaged"]) == [bad]


@pytest.mark.parametrize("whole", [1, 2])
def test_nothing_is_said_to_be_restored_while_no_vault_of_the_part_answers(
    place: Place, whole: int
) -> None:
    """The other one was away when the part was taken: what it has is brought, and is not all."""
    put(place, ["a", "b"])
    keep(place, MAIN)
    put(place, ["a"])
    keep(place, OTHER)
    place.flat.before = silent(*[MAIN, OTHER][:whole])
    for act in (restore, compare):
        with pytest.raises((StoreRefused, Unreached)):
            act(both(place, whole=whole))


def test_a_vault_that_was_away_when_the_part_was_taken_is_asked_for_what_it_has_since(
    place: Place,
) -> None:
    put(place, ["a"])
    keep(place, MAIN)
    new = put(place, ["b"])
    keep(place, OTHER)
    restore(both(place, whole=1))
    assert back(place) == {"a": b"first"} | new


def test_a_restore_that_was_ended_is_gone_on_with_from_the_other_vault(place: Place) -> None:
    there = put(place, [str(n) for n in range(60)])
    keep(place, MAIN)
    keep(place, OTHER)
    place.flat.before = silent(MAIN, OTHER, after=20)
    with pytest.raises((StoreRefused, Unreached)):
        restore(both(place))
    brought = set(back(place))
    place.flat.before = silent(MAIN)
    place.flat.asked.clear()
    restore(both(place))
    assert back(place) == there
    puts = [target for method, target, _ in place.flat.asked if method == "PUT"]
    assert len([one for one in puts if "liferaft-" not in one]) == 60 - len(brought)


@pytest.mark.parametrize("behind", [MAIN, OTHER])
def test_what_was_deleted_while_a_vault_was_away_does_not_come_back_from_it(
    place: Place, behind: str
) -> None:
    there = put(place, ["a", "b"])
    keep(place, MAIN)
    keep(place, OTHER)
    digest = SEAL.digest("a")
    (gone,) = (key for key in place.flat.bucket(MAIN) if key.startswith(f"{FOLDER}{digest}"))
    mark = SEAL.mark(gone.removeprefix(FOLDER), GONE, 1_790_000_000)
    place.flat.put(OTHER if behind == MAIN else MAIN, f"{FOLDER}{mark}")
    restore(both(place))
    assert back(place) == {"b": there["b"]}
    assert compare(both(place))["missing_count"] == 0


@pytest.mark.sandbox
def test_two_stores_of_different_makes_stand_in_for_one_another(
    place: Place, tmp_path: Path
) -> None:
    """SeaweedFS ends in the middle; what moto has is damaged in one object before."""
    there = put(place, [f"photos/{n}.jpg" for n in range(200)], b"x" * 5000)
    with moto_store(tmp_path, key="moto-key", secret="moto-secret") as moto:
        moto.make_bucket("copies")
        keys = StoreKeys(moto.key, moto.secret, "us-east-1")
        other = Store("vault other", moto.url, "copies", keys, str(moto.ca_file))
        with seaweed() as weed:
            keys = StoreKeys(weed.key, weed.secret, weed.region)
            main = Store("vault main", weed.url, FIRST, keys, None)
            for vault in (main, other):
                came = snapshot(dataclasses.replace(place.task("site"), vault=vault))
                assert (came["missing"], came["objects"]) == (0, 200)
            task = dataclasses.replace(place.task("new"), vault=main, others=[other], whole=2)
            s3 = moto.client()
            bad = s3.list_objects_v2(Bucket="copies", MaxKeys=1)["Contents"][0]["Key"]
            s3.put_object(Bucket="copies", Key=bad, Body=b"damaged")
            turned = dataclasses.replace(task, vault=other, others=[main])
            restore(turned)
            assert back(place) == there
            assert list(progress(place)["mended"]) == [bad]
            place.flat.bucket("new").clear()
            (place.state / "bucket-media.record").unlink()
        restore(task)
    assert list(progress(place)["silent"]) == ["vault main"]
    assert len(back(place)) == 199
    assert list(progress(place)["damaged"]) == [bad]
