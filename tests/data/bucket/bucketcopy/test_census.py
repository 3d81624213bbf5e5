"""What rows name and the vault does not have is counted once an hour, whatever readings saw."""

import json
import time
from collections.abc import Iterator

import pytest
from tests.data.bucket.bucketcopy.conftest import Place
from tests.data.bucket.bucketcopy.scripted_rows import ScriptedRows
from tests.data.flat_store import Asked, Refusal

from liferaft.data.bucket.bucketcopy.census import Census, missing_in
from liferaft.data.bucket.bucketcopy.exposure import Exposure
from liferaft.data.bucket.bucketcopy.passes import HOUR, Passes

NOW = 1_795_960_800.0


@pytest.fixture
def passes(place: Place) -> Iterator[Passes]:
    made = Passes(place.task("site"))
    yield made
    made.held.close()


def rows_of(*keys: str) -> ScriptedRows:
    rows = ScriptedRows()
    for key in keys:
        rows.write(key)
    return rows


def taken(census: Census, now: float) -> None:
    """A step, and its end."""
    census.step(now)
    end = time.monotonic() + 60
    while census._under_way is not None and not census._under_way.done():
        assert time.monotonic() < end
        time.sleep(0.001)


def named(place: Place) -> list[str]:
    text = (place.state / "manifests/neutral:media.missing").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_what_rows_name_and_the_vault_lacks_is_named_on_the_host_and_counted(
    place: Place, passes: Passes
) -> None:
    place.flat.put("site", "kept", b"x")
    passes.run()
    assert missing_in(passes) is None
    taken(Census(place.task("site"), rows_of("kept", "never\nstored", "lost"), passes), NOW)
    assert named(place) == ["lost", "never\nstored"]
    assert missing_in(passes) == 2
    Exposure(place.task("site"), passes).write()
    told = json.loads((place.state / "manifests/neutral:media.exposure").read_text())
    assert told["missing"] == 2
    assert (place.state / "manifests/neutral:media.missing").stat().st_mode & 0o777 == 0o600


def test_what_was_stored_since_the_last_listing_is_brought_and_not_missing(
    place: Place, passes: Passes
) -> None:
    passes.run()
    place.flat.put("site", "fresh", b"x")
    taken(Census(place.task("site"), rows_of("fresh"), passes), NOW)
    assert missing_in(passes) == 0
    assert len(place.flat.bucket("vault")) == 1


def test_what_is_marked_as_gone_and_named_is_there_to_come_back(
    place: Place, passes: Passes
) -> None:
    place.flat.put("site", "cat.jpg", b"x")
    passes.run()
    [version] = passes.held.seen()
    passes.held.note_missed([1], int(NOW))
    passes.held.note_gone([1])
    assert version
    taken(Census(place.task("site"), rows_of("cat.jpg"), passes), NOW)
    assert missing_in(passes) == 0


def test_it_is_compared_once_an_hour_by_this_keeper_or_the_one_before(
    place: Place, passes: Passes
) -> None:
    rows = rows_of("lost")
    census = Census(place.task("site"), rows, passes)
    taken(census, NOW)
    rows.write("lost as well")
    taken(census, NOW + HOUR - 1)
    taken(Census(place.task("site"), rows, passes), NOW + HOUR - 1)
    assert missing_in(passes) == 1
    taken(Census(place.task("site"), rows, passes), NOW + HOUR + 1)
    assert missing_in(passes) == 2


def test_rows_that_cannot_be_read_change_nothing_of_what_is_known(
    place: Place, passes: Passes, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = rows_of("lost")
    census = Census(place.task("site"), rows, passes)
    taken(census, NOW)
    rows.fails = "the database system is starting up"
    taken(census, NOW + 2 * HOUR)
    assert missing_in(passes) == 1
    assert "starting up" in capfd.readouterr().err


def test_a_site_that_refuses_what_is_missing_ends_nothing(place: Place, passes: Passes) -> None:
    passes.run()
    place.flat.put("site", "fresh", b"x")

    def before(asked: Asked) -> None:
        if asked.bucket == "site":
            raise Refusal(403, "AccessDenied")

    place.flat.before = before
    taken(Census(place.task("site"), rows_of("fresh"), passes), NOW)
    assert named(place) == ["fresh"]


@pytest.mark.parametrize("trouble", [ConnectionResetError(), Refusal(503, "SlowDown")])
def test_what_a_silent_site_may_have_is_not_called_missing(
    place: Place, passes: Passes, trouble: Exception, capfd: pytest.CaptureFixture[str]
) -> None:
    """And no store that is silent is asked for a thousand objects, one after the other."""
    passes.run()
    census = Census(place.task("site"), rows_of("lost"), passes)
    taken(census, NOW)
    keys = [f"{number}" for number in range(20)]
    for key in keys:
        place.flat.put("site", key, b"x")
    asked = list[Asked]()

    def before(one: Asked) -> None:
        if one.bucket == "site":
            asked.append(one)
            raise trouble

    place.flat.before = before
    taken(Census(place.task("site"), rows_of("lost", *keys), passes), NOW + 2 * HOUR)
    assert (missing_in(passes), named(place)) == (1, ["lost"])
    assert len(asked) < 20
    assert "was not compared" in capfd.readouterr().err


def test_a_disk_that_is_full_is_told_and_ends_no_keeper(
    place: Place,
    passes: Passes,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    task = place.task("site")
    census = Census(task, rows_of("lost"), passes)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(task), "write", full)
    taken(census, NOW)
    census.step(NOW + 1)
    assert missing_in(passes) is None
    assert "No space left on device" in capfd.readouterr().err
