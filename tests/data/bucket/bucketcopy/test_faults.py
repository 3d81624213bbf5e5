"""What is the fault of a store counts for no object's, and the other way round."""

import copy
import time
from pathlib import Path

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, SEAL, Place
from tests.data.flat_store import Asked, Refusal
from tests.data.flat_things import Buckets

from liferaft.data.bucket.bucketcopy import keeper
from liferaft.data.bucket.bucketcopy.dialect import Asked as Signed
from liferaft.data.bucket.bucketcopy.manifest import Manifest
from liferaft.data.bucket.bucketcopy.restore import compare, restore
from liferaft.data.bucket.bucketcopy.snapshot import snapshot
from liferaft.data.bucket.bucketcopy.store import StoreRefused, Unreached
from liferaft.data.bucket.bucketcopy.to_site import Came, ToSite
from liferaft.data.bucket.bucketcopy.to_vault import ToVault
from liferaft.data.bucket.bucketcopy.vaults import Vaults

KEPT: dict[tuple[int, int], Buckets] = {}


def kept(place: Place, count: int, size: int = 10) -> None:
    """So many objects, by a snapshot that is taken once for all tests: the vault's names and seals
    are the same in each."""
    if (count, size) not in KEPT:
        for number in range(count):
            place.flat.put("site", f"{number}", bytes(size))
        assert snapshot(place.task("site"))["missing"] == 0
        KEPT[count, size] = place.flat.buckets
    place.flat.buckets = copy.deepcopy(KEPT[count, size])


def copies(place: Place) -> ToVault:
    made = ToVault(
        place.store("site", "site"), place.store("vault", "vault"), FOLDER, SEAL, Manifest(FOLDER)
    )
    made.list_vault()
    return made


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "QuotaExceeded"), (507, ""), (503, "SlowDown"), (403, "AccessDenied")],
)
def test_a_restore_into_a_store_that_refuses_from_some_object_on_is_not_done(
    place: Place, status: int, code: str
) -> None:
    kept(place, 100)
    left = 20

    def before(asked: Asked) -> None:
        nonlocal left
        if (asked.method, asked.bucket) == ("PUT", "new"):
            left -= 1
            if left < 0:
                raise Refusal(status, code)

    place.flat.before = before
    with pytest.raises(StoreRefused):
        restore(place.task("new"))
    place.flat.before = lambda _: None
    restore(place.task("new"))
    assert len(place.flat.bucket("new")) == 100


def test_a_store_that_was_busy_for_a_while_has_all_objects_in_the_end(place: Place) -> None:
    kept(place, 40)
    busy = iter(range(60))

    def before(asked: Asked) -> None:
        is_put = (asked.method, asked.bucket) == ("PUT", "new")
        is_probe = asked.key.startswith("liferaft-")
        if is_put and not is_probe and next(busy, None) is not None:
            raise Refusal(503, "SlowDown")

    place.flat.before = before
    restore(place.task("new"))
    assert len(place.flat.bucket("new")) == 40


@pytest.mark.parametrize(
    ("status", "code"), [(500, "InternalError"), (403, "AccessDenied"), (400, "KMS.Disabled")]
)
def test_one_object_that_the_vault_does_not_give_is_told_and_all_others_come_back(
    place: Place, status: int, code: str
) -> None:
    kept(place, 100)
    bad = sorted(place.flat.bucket("vault"))[50]

    def before(asked: Asked) -> None:
        if (asked.bucket, asked.key) == ("vault", bad):
            raise Refusal(status, code)

    place.flat.before = before
    restore(place.task("new"))
    assert len(place.flat.bucket("new")) == 99
    assert bad in (place.state / "bucket-media.not-restored").read_text()
    assert compare(place.task("new"))["missing_count"] == 0, "what was told is known"


def test_what_was_refused_does_not_stay_in_memory(place: Place) -> None:
    kept(place, 5, size=100_000)

    def before(asked: Asked) -> None:
        if (asked.method, asked.bucket) == ("PUT", "new") and not asked.key.startswith("liferaft-"):
            raise Refusal(400, "InvalidRequest")

    place.flat.before = before
    came = Came()
    whole = ToSite(
        place.store("site", "new"), Vaults([place.store("vault", "vault")]), [FOLDER], SEAL
    )
    list(whole.run(came, set()))
    assert len(came.refusals) == 5
    assert {one.__traceback__ for one in came.refusals} == {None}
    assert {one.__context__ for one in came.refusals} == {None}


def test_a_pass_to_which_the_site_gave_nothing_does_not_say_that_all_is_kept(
    place: Place,
) -> None:
    kept(place, 1)
    for number in range(5):
        place.flat.put("site", f"new{number}", b"new")
    shut = True

    def before(asked: Asked) -> None:
        if shut and asked.method == "GET" and asked.bucket == "site" and asked.key:
            raise Refusal(403, "AccessDenied")

    def paused(_: float) -> None:
        raise KeyboardInterrupt

    place.flat.before = before
    stamp = place.state / "kept/neutral/media"
    with pytest.raises(KeyboardInterrupt):
        keeper.keep(place.task("site"), paused)
    assert not stamp.exists()
    shut = False
    with pytest.raises(KeyboardInterrupt):
        keeper.keep(place.task("site"), paused)
    assert float(stamp.read_text()) <= time.time()


def test_a_folder_that_is_closed_for_ever_does_not_hold_up_what_is_kept(place: Place) -> None:
    for number in range(5):
        place.flat.put("site", f"closed/{number}", b"x")

    def before(asked: Asked) -> None:
        if asked.method == "GET" and asked.key.startswith("closed/"):
            raise Refusal(403, "AccessDenied")

    place.flat.put("site", "open", b"x")
    place.flat.before = before
    passes = copies(place)
    assert not passes.run().is_in_doubt, "it gave one"
    later = passes.run()
    assert (len(later.left_out), later.is_in_doubt) == (5, False)


def test_an_object_whose_readers_could_not_be_asked_for_a_moment_is_kept_with_them_told(
    place: Place,
) -> None:
    for number in range(40):
        place.flat.put("site", f"{number}", b"x")
        place.flat.bucket("site")[f"{number}"].public = True
    busy = iter(range(6))

    def before(asked: Asked) -> None:
        if asked.key == "7" and asked.method == "GET" and next(busy, None) is not None:
            raise Refusal(503, "SlowDown")

    place.flat.before = before
    came = snapshot(place.task("site"))
    assert (came["lacking_count"], came["left_out_count"]) == (40, 0)


def test_readers_that_cannot_be_asked_for_are_told_though_nothing_is_new(place: Place) -> None:
    kept(place, 3)

    def before(asked: Asked) -> None:
        if asked.method == "GET" and asked.bucket == "site" and asked.key:
            raise Refusal(403, "AccessDenied")

    place.flat.before = before
    assert snapshot(place.task("site"))["lists_unreadable"]


def test_a_page_about_something_else_is_no_empty_bucket(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = place.store("site", "site")
    monkeypatch.setattr(site, "ask", lambda *_, **__: ({}, b"<html><body>soon</body></html>"))
    vault = place.store("vault", "vault")
    with pytest.raises(Unreached, match="a listing that is none"):
        ToVault(site, vault, FOLDER, SEAL, Manifest(FOLDER)).run()


def test_another_versions_content_under_a_name_is_damage(place: Place, tmp_path: Path) -> None:
    place.flat.put("site", "one", b"old")
    snapshot(place.task("site"))
    vault = place.flat.bucket("vault")
    [old] = list(vault.items())
    vault.clear()
    place.flat.put("site", "one", b"newer")
    snapshot(place.task("site"))
    [name] = list(vault)
    vault[name] = old[1]
    restore(place.task("new"))
    assert place.flat.bucket("new") == {}
    assert name in (tmp_path / "bucket-media.not-restored").read_text()


def test_bytes_that_are_white_space_as_characters_are_signed_as_they_are_sent() -> None:
    said = {"x-amz-meta-t": "\u00c3\u00a0 la   carte"}
    text = Signed("PUT", "/b/k", [], said, "UNSIGNED-PAYLOAD").canonical(["x-amz-meta-t"])
    assert b"x-amz-meta-t:\xc3\xa0 la carte\n" in text
