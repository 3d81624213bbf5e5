"""Which version comes back: what rows name whatever marks say, and what was there at a moment."""

from collections.abc import Iterator, Mapping

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, LATER, SEAL, Place
from tests.data.flat_store import Asked

from liferaft.data.bucket.bucketcopy.choosing import Chosen
from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.settling import AGAIN, Settling
from liferaft.data.bucket.bucketcopy.to_site import ToSite
from liferaft.data.bucket.bucketcopy.to_vault import ToVault
from liferaft.data.bucket.bucketcopy.vaults import Vaults

NOW = 1_795_960_800
MINUTE = 60


class Past:
    """A site's bucket and its keeper, at moments that a test says."""

    def __init__(self, place: Place, prefix: str = FOLDER) -> None:
        self.place, self.prefix = place, prefix
        self.held = Manifest(prefix)
        task = place.task("site")
        self.copies = ToVault(task.site, task.vault, prefix, SEAL, self.held)
        self.settling = Settling(task.vault, prefix, SEAL, self.held)

    def put(self, at: float, key: str, body: str) -> None:
        self.place.flat.put("site", key, body.encode())
        self.place.flat.bucket("site")[key].modified = at
        self.listed(at + 5)

    def delete(self, at: float, key: str) -> None:
        del self.place.flat.bucket("site")[key]
        self.listed(at)
        self.listed(at + AGAIN)

    def listed(self, at: float) -> None:
        vault = self.place.flat.bucket("vault")
        before = set(vault)
        self.copies.run()
        self.settling.settle(at)
        for name in set(vault) - before:
            vault[name].modified = at


def chosen(
    place: Place,
    *named: str,
    as_of: float | None = None,
    prefixes: tuple[str, ...] = (FOLDER,),
) -> Chosen:
    task = place.task("new", prefixes)
    ranks = {SEAL.digest(key): rank for rank, key in enumerate(named)}
    there = (task.site, Vaults([task.vault]), prefixes, SEAL)
    return ToSite(*there, named=ranks, as_of=as_of).chosen()


def brought(
    place: Place, *named: str, as_of: float | None = None, prefixes: tuple[str, ...] = (FOLDER,)
) -> Mapping[str, str]:
    """Content by key, in the order in which it comes."""
    task = place.task("new", prefixes)
    came = chosen(place, *named, as_of=as_of, prefixes=prefixes)
    keys = ToSite(task.site, Vaults([task.vault]), prefixes, SEAL)
    return dict(_contents(place, keys, came))


def _contents(place: Place, keys: ToSite, came: Chosen) -> Iterator[tuple[str, str]]:
    for one in came.wanted:
        sealed = place.flat.bucket("vault")[one.key].body
        yield keys.header(one.key).key, b"".join([*SEAL.opened([sealed])][1:]).decode()


def test_what_a_row_names_comes_back_though_a_mark_says_that_it_is_gone(place: Place) -> None:
    """The end of a site may begin with its objects, while the archive still runs."""
    past = Past(place)
    past.put(NOW, "cat.jpg", "cat")
    past.put(NOW, "dog.jpg", "dog")
    past.delete(NOW + MINUTE, "cat.jpg")
    past.delete(NOW + MINUTE, "dog.jpg")
    assert brought(place) == {}
    assert brought(place, "cat.jpg") == {"cat.jpg": "cat"}


def test_of_what_a_row_names_a_version_that_was_replaced_does_not_win_over_a_later_one(
    place: Place,
) -> None:
    past = Past(place)
    past.put(NOW, "cat.jpg", "first")
    past.put(NOW + MINUTE, "cat.jpg", "second")
    assert brought(place, "cat.jpg") == {"cat.jpg": "second"}
    past.delete(NOW + 2 * MINUTE, "cat.jpg")
    assert brought(place, "cat.jpg") == {"cat.jpg": "second"}


def test_what_a_row_names_comes_first_and_the_newest_row_is_first_of_all(place: Place) -> None:
    past = Past(place)
    for minute, key in enumerate(["a", "b", "c", "d"]):
        past.put(NOW + minute * MINUTE, key, key)
    assert list(brought(place, "b", "a")) == ["b", "a", "d", "c"]


def test_what_a_row_names_comes_from_the_folder_of_an_earlier_reign_too(place: Place) -> None:
    past = Past(place)
    past.put(NOW, "cat.jpg", "cat")
    later = Past(place, LATER)
    later.put(NOW + MINUTE, "dog.jpg", "dog")
    del later
    prefixes = (LATER, FOLDER)
    assert list(brought(place, "cat.jpg", prefixes=prefixes)) == ["cat.jpg", "dog.jpg"]


@pytest.mark.parametrize(
    ("minutes", "there"),
    [
        (0.5, {"old": "old", "changed": "first"}),
        (2.5, {"old": "old", "changed": "second"}),
        (3.5, {"old": "old", "changed": "second", "fresh": "fresh"}),
        (5.5, {"changed": "second", "fresh": "fresh"}),
        (9.0, {"changed": "second"}),
    ],
)
def test_as_of_a_moment_the_bucket_is_as_it_was_then(
    place: Place, minutes: float, there: dict[str, str]
) -> None:
    past = Past(place)
    past.put(NOW, "old", "old")
    past.put(NOW, "changed", "first")
    past.put(NOW + 2 * MINUTE, "changed", "second")
    past.put(NOW + 3 * MINUTE, "fresh", "fresh")
    past.delete(NOW + 5 * MINUTE, "old")
    past.delete(NOW + 8 * MINUTE, "fresh")
    assert brought(place, as_of=NOW + minutes * MINUTE) == there


def test_what_reached_the_vault_long_after_it_was_stored_counts_by_when_it_was_stored(
    place: Place,
) -> None:
    """A vault that was configured later has all of it as of then."""
    past = Past(place)
    place.flat.put("site", "early", b"early")
    place.flat.put("site", "late", b"late")
    place.flat.bucket("site")["early"].modified = NOW
    place.flat.bucket("site")["late"].modified = NOW + 2 * MINUTE
    past.listed(NOW + 60 * MINUTE)
    assert brought(place, as_of=NOW + MINUTE) == {"early": "early"}


def test_only_what_came_to_the_vault_after_the_moment_is_asked_for_its_header(place: Place) -> None:
    past = Past(place)
    for number in range(20):
        past.put(NOW + number, f"{number}", "x")
    past.put(NOW + 60 * MINUTE, "fresh", "x")
    asked = list[Asked]()
    place.flat.before = lambda one: asked.append(one) if one.key else None
    assert len(chosen(place, as_of=NOW + MINUTE).wanted) == 20
    assert len(asked) == 1


def test_what_a_row_of_then_names_and_was_replaced_beyond_keeping_comes_as_of_later_and_is_told(
    place: Place,
) -> None:
    past = Past(place)
    past.put(NOW, "avatar.png", "old")
    past.put(NOW + 2 * MINUTE, "avatar.png", "newer")
    past.put(NOW + 3 * MINUTE, "avatar.png", "newest")
    vault = place.flat.bucket("vault")
    first = min((name for name in vault if vault[name].body), key=lambda one: vault[one].modified)
    del vault[first]  # its bytes were kept for so long and no longer
    assert brought(place, as_of=NOW + MINUTE) == {}
    assert brought(place, "avatar.png", as_of=NOW + MINUTE) == {"avatar.png": "newer"}
    assert chosen(place, "avatar.png", as_of=NOW + MINUTE).later == {SEAL.digest("avatar.png")}


def test_what_a_row_of_then_names_and_was_gone_by_then_is_preferred_to_what_came_later(
    place: Place,
) -> None:
    past = Past(place)
    past.put(NOW, "a", "of then")
    past.delete(NOW + MINUTE, "a")
    past.put(NOW + 9 * MINUTE, "a", "of later")
    as_of = NOW + 5 * MINUTE
    assert brought(place, as_of=as_of) == {}
    assert brought(place, "a", as_of=as_of) == {"a": "of then"}
    assert chosen(place, "a", as_of=as_of).later == set()
