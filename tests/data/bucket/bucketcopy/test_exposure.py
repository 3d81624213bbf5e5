"""What is not in the vault now is counted while a keeper is at work, and when it is not."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.data.bucket.bucketcopy.conftest import Place
from tests.data.flat_store import Asked, Refusal

from liferaft.data.bucket.bucketcopy import exposure, keeper
from liferaft.data.bucket.bucketcopy.exposure import Exposure
from liferaft.data.bucket.bucketcopy.passes import Passes
from liferaft.data.bucket.bucketcopy.store import StoreRefused, Unreached


def told(place: Place) -> Any:
    return json.loads((place.state / "manifests/neutral:media.exposure").read_text())


@pytest.fixture
def passes(place: Place) -> Iterator[Passes]:
    made = Passes(place.task("site"))
    yield made
    made.held.close()


def test_after_a_whole_pass_nothing_is_lacking(place: Place, passes: Passes) -> None:
    place.flat.put("site", "one", b"1")
    began = time.time()
    passes.run()
    Exposure(place.task("site"), passes).write()
    came = told(place)
    assert (came["objects"], came["bytes"], came["oldest"], came["is_whole"]) == (0, 0, None, True)
    assert began - 1 <= came["passed"] <= time.time()
    assert began <= came["at"] <= time.time()


def test_what_the_site_does_not_give_is_lacking_since_it_was_stored(
    place: Place, passes: Passes
) -> None:
    place.flat.put("site", "one", b"1")
    place.flat.put("site", "frozen", b"four")
    place.flat.bucket("site")["frozen"].archived = True
    place.flat.bucket("site")["frozen"].modified = 1_700_000_000.0
    for _ in range(2):  # it is asked for once, and lacks for ever
        passes.run()
        Exposure(place.task("site"), passes).write()
        came = told(place)
        assert (came["objects"], came["bytes"], came["oldest"]) == (1, 4, 1_700_000_000)


def test_it_is_told_while_a_vault_takes_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass that waits writes as well: the file's age says whether a keeper is at work."""
    monkeypatch.setattr(exposure, "EVERY", 0.01)
    for number in range(10):
        place.flat.put("site", f"{number}", b"12345678")
    seen, dies = list[Any](), False

    def before(asked: Asked) -> None:
        nonlocal dies
        dies = dies or asked.method == "PUT"
        if asked.bucket != "vault" or not dies:
            return
        end = time.monotonic() + 20
        while not seen and time.monotonic() < end:
            time.sleep(0.01)
            if (place.state / "manifests/neutral:media.exposure").exists():
                came = told(place)
                seen.extend([came] * (came["objects"] == 10))
        raise ConnectionResetError

    place.flat.before = before
    with pytest.raises(Unreached):
        keeper.keep(place.task("site"), pause=lambda _: None)
    assert (seen[0]["bytes"], seen[0]["kept_until"], seen[0]["failing"]) == (80, None, "")
    assert seen[0]["oldest"] <= time.time()
    came = told(place)
    assert (came["objects"], came["passed"]) == (10, None)
    assert "vault" in came["failing"]


def test_a_keeper_that_begins_anew_knows_until_when_all_was_kept(place: Place) -> None:
    place.flat.put("site", "one", b"1")

    class Enough(Exception):
        """One pass is over."""

    def pause(_: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        keeper.keep(place.task("site"), pause=pause)
    kept = told(place)["kept_until"]
    assert kept == pytest.approx(float((place.state / "kept/neutral/media").read_text()), abs=1e-5)

    def before(_: Asked) -> None:
        raise Refusal(403, "AccessDenied")

    place.flat.before = before
    with pytest.raises(StoreRefused):
        keeper.keep(place.task("site"), pause=pause)
    came = told(place)
    assert came["kept_until"] == pytest.approx(kept, abs=1e-5)
    assert "AccessDenied" in came["failing"]
    assert not came["is_whole"], "nothing is known of what was stored since"


def test_what_a_row_names_counts_since_it_was_read(place: Place, passes: Passes) -> None:
    now = time.time()
    with Exposure(place.task("site"), passes) as one:
        one.named = lambda: {"film.mp4": now - 7, "cat.jpg": now - 2}
    came = told(place)
    assert (came["objects"], came["bytes"], came["oldest"]) == (2, 0, now - 7)


def test_no_name_of_an_object_is_in_it(place: Place, passes: Passes) -> None:
    place.flat.put("site", "somebodys-name", b"1")
    place.flat.bucket("site")["somebodys-name"].archived = True
    passes.run()
    with Exposure(place.task("site"), passes) as one:
        one.named = lambda: {"somebodys-name": 1.0}
    text = (place.state / "manifests/neutral:media.exposure").read_text()
    assert "somebody" not in text


def test_a_disk_that_is_full_ends_no_keeper(
    place: Place, passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = place.task("site")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(task), "write", full)
    with Exposure(task, passes) as one:
        one.write()
    assert not (place.state / "manifests/neutral:media.exposure").exists()
