"""Deletions: marked late, undone when they were none, and bytes go last of all."""

from dataclasses import replace

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, SEAL, Place, contents
from tests.data.flat_store import Asked, Refusal
from tests.data.flat_things import Thing

from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.restore import compare, restore
from liferaft.data.bucket.bucketcopy.settling import AGAIN, FEW, MANY_AGAIN, Settled, Settling
from liferaft.data.bucket.bucketcopy.to_vault import ToVault

DAY = 86_400
NOW = 1_795_960_800
MANY = FEW + 20


class Keeping:
    """Passes at moments that a test says."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.held = Manifest(FOLDER)
        task = place.task("site")
        self.copies = ToVault(task.site, task.vault, FOLDER, SEAL, self.held)
        self.settling = Settling(task.vault, FOLDER, SEAL, self.held)
        self.copies.list_vault()

    def at(self, now: float) -> Settled:
        self.copies.run()
        return self.settling.settle(now)

    def purged(self, now: float, keep: float) -> int:
        """After a listing of the vault, as the keeper does it."""
        self.copies.list_vault()
        return self.settling.purge(now, keep)


def filled(place: Place, count: int) -> Keeping:
    for number in range(count):
        place.flat.put("site", f"{number}", b"%d" % number)
    keeping = Keeping(place)
    assert keeping.at(NOW) == Settled(of=count)
    return keeping


def restored(place: Place) -> set[str]:
    """What a restore from the vault brings."""
    restore(place.task("new"))
    (place.state / "bucket-media.record").unlink()
    return set(place.flat.buckets.pop("new", {}))


def bytes_in_vault(place: Place) -> int:
    return sum(bool(one.body) for one in place.flat.bucket("vault").values())


def test_what_the_app_deleted_does_not_come_back_and_its_bytes_stay(place: Place) -> None:
    keeping = filled(place, 3)
    del place.flat.bucket("site")["1"]
    assert keeping.at(NOW + 10).marked == 0, "one listing alone is not believed"
    assert restored(place) == {"0", "1", "2"}
    assert keeping.at(NOW + 10 + AGAIN).marked == 1
    assert restored(place) == {"0", "2"}
    assert bytes_in_vault(place) == 3
    assert compare(place.task("site"))["missing_count"] == 0


def test_what_is_listed_again_was_not_deleted(place: Place) -> None:
    keeping = filled(place, 3)
    lost = place.flat.bucket("site").pop("1")
    keeping.at(NOW)
    keeping.at(NOW + AGAIN)
    place.flat.bucket("site")["1"] = lost
    place.flat.asked.clear()
    assert keeping.at(NOW + 2 * AGAIN).returned == 1
    assert not [one for one in place.flat.asked if one[0] == "PUT"], "its bytes were there still"
    assert restored(place) == {"0", "1", "2"}
    assert keeping.at(NOW + 3 * AGAIN) == Settled(of=3)


def test_what_is_listed_again_comes_back_from_a_vault_that_lets_nothing_be_deleted(
    place: Place,
) -> None:
    keeping = filled(place, 3)
    lost = place.flat.bucket("site").pop("1")
    keeping.at(NOW)
    keeping.at(NOW + AGAIN)
    place.flat.bucket("site")["1"] = lost
    place.flat.before = _no_deletions
    assert keeping.at(NOW + 2 * AGAIN).returned == 1
    place.flat.before = lambda _: None
    assert restored(place) == {"0", "1", "2"}
    keeping.copies.list_vault()
    assert keeping.at(NOW + 3 * AGAIN) == Settled(of=3), "a new listing of the vault says the same"


@pytest.mark.parametrize("left", [0, MANY // 2 - 1])
def test_a_bucket_that_looks_empty_marks_nothing_for_an_hour(place: Place, left: int) -> None:
    keeping = filled(place, MANY)
    whole = dict(place.flat.bucket("site"))
    place.flat.buckets["site"] = dict(list(whole.items())[:left])
    for later in (0, AGAIN, MANY_AGAIN - 1):
        assert keeping.at(NOW + later) == Settled(vanished=MANY - left, of=MANY)
    assert len(restored(place)) == MANY
    place.flat.buckets["site"] = whole
    assert keeping.at(NOW + MANY_AGAIN) == Settled(of=MANY)
    place.flat.buckets["site"] = {}
    assert keeping.at(NOW + 2 * MANY_AGAIN).vanished == MANY, "the hour begins anew"


def test_a_bucket_that_was_emptied_for_an_hour_counts_as_emptied_and_keeps_its_bytes(
    place: Place,
) -> None:
    keeping = filled(place, MANY)
    place.flat.buckets["site"] = {}
    keeping.at(NOW)
    assert keeping.at(NOW + MANY_AGAIN).marked == MANY
    assert restored(place) == set()
    assert bytes_in_vault(place) == MANY


def test_an_overwritten_object_keeps_its_earlier_bytes_and_comes_back_as_it_was_last(
    place: Place,
) -> None:
    keeping = filled(place, 1)
    place.flat.bucket("site")["0"] = Thing(b"newer", {}, "another")
    assert keeping.at(NOW + 1).marked == 1, "the listing shows what took its place"
    assert bytes_in_vault(place) == 2
    restore(place.task("new"))
    assert contents(place, "new")["0"][0] == b"newer"


def _aged(place: Place, seconds: float) -> None:
    for one in place.flat.bucket("vault").values():
        one.modified -= seconds


@pytest.fixture
def deleted(place: Place) -> Keeping:
    """One of two objects is marked as gone since NOW."""
    keeping = filled(place, 2)
    del place.flat.bucket("site")["1"]
    keeping.at(NOW)
    assert keeping.at(NOW + AGAIN).marked == 1
    return keeping


def test_bytes_go_after_the_time_that_was_asked_for_and_their_mark_with_them(
    place: Place, deleted: Keeping
) -> None:
    _aged(place, 2 * DAY)
    assert deleted.purged(NOW + DAY - 1, DAY) == 0
    assert deleted.purged(NOW + DAY, DAY) == 1
    assert len(place.flat.bucket("vault")) == 1
    assert restored(place) == {"0"}
    assert deleted.at(NOW + DAY + 1) == Settled(of=1)


def test_a_host_whose_clock_is_wrong_by_years_removes_nothing(
    place: Place, deleted: Keeping
) -> None:
    assert deleted.purged(NOW + 3650 * DAY, DAY) == 0
    assert bytes_in_vault(place) == 2


def test_a_vault_that_tells_no_time_removes_nothing(place: Place, deleted: Keeping) -> None:
    place.flat.tells_time = False
    _aged(place, 2 * DAY)
    assert deleted.purged(NOW + 2 * DAY, DAY) == 0


def test_a_vault_that_lets_nothing_be_deleted_keeps_bytes_and_mark(
    place: Place, deleted: Keeping
) -> None:
    _aged(place, 2 * DAY)
    place.flat.before = _no_deletions
    assert deleted.purged(NOW + 2 * DAY, DAY) == 0
    place.flat.before = lambda _: None
    assert restored(place) == {"0"}


def test_killed_between_bytes_and_mark_it_goes_on(place: Place, deleted: Keeping) -> None:
    _aged(place, 2 * DAY)
    removed: list[str] = []

    def before(asked: Asked) -> None:
        if asked.method == "DELETE":
            removed.append(asked.key)
            if len(removed) > 1:
                raise Refusal(400, "Killed")

    place.flat.before = before
    assert deleted.purged(NOW + 2 * DAY, DAY) == 0
    place.flat.before = lambda _: None
    assert restored(place) == {"0"}, "a mark without bytes hides nothing and brings nothing"
    again = Keeping(place)
    assert again.at(NOW + 2 * DAY) == Settled(of=1)


def test_a_mark_whose_answer_was_lost_is_the_same_mark(place: Place) -> None:
    keeping = filled(place, 2)
    del place.flat.bucket("site")["1"]
    keeping.at(NOW)

    def before(asked: Asked) -> None:
        if asked.method == "PUT":
            raise Refusal(400, "Killed")

    place.flat.before = before
    assert keeping.at(NOW + AGAIN).marked == 0
    place.flat.before = lambda _: None
    assert keeping.at(NOW + 5 * AGAIN).marked == 1
    (mark,) = [key for key, one in place.flat.bucket("vault").items() if not one.body]
    assert f"-{NOW}-" in mark, "it is gone since the first listing that missed it"


def test_a_mark_that_somebody_without_the_seal_put_there_hides_nothing(place: Place) -> None:
    keeping = filled(place, 1)
    (key,) = place.flat.bucket("vault")
    place.flat.put("vault", f"{key}-{NOW}-0123456789abcdef")
    assert restored(place) == {"0"}
    keeping.copies.list_vault()
    assert keeping.at(NOW + 1) == Settled(of=1)


@pytest.mark.usefixtures("deleted")
def test_what_a_later_reign_deleted_does_not_come_back_from_an_earlier_ones_folder(
    place: Place,
) -> None:
    earlier = "app/epoch-00000000/bucket/media/"
    for key, one in list(place.flat.bucket("vault").items()):
        if one.body:
            place.flat.bucket("vault")[key.replace(FOLDER, earlier)] = one
    both = replace(place.task("new"), prefixes=[FOLDER, earlier])
    restore(both)
    assert set(place.flat.bucket("new")) == {"0"}
    assert compare(both)["missing_count"] == 0


def _no_deletions(asked: Asked) -> None:
    if asked.method == "DELETE":
        raise Refusal(403, "AccessDenied")
