"""What a killed copy left of large objects goes, and nobody else's uploads do."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.data.bucket.bucketcopy.conftest import FOLDER, Place
from tests.data.flat_store import Asked, Refusal, Upload

from liferaft.data.bucket.bucketcopy import leftovers, uploads
from liferaft.data.bucket.bucketcopy.restore import restore
from liferaft.data.bucket.bucketcopy.snapshot import snapshot

LONG_AGO = datetime.now(UTC) - timedelta(days=2)


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes are much."""
    monkeypatch.setattr(uploads, "SMALL", 1000)
    monkeypatch.setattr(uploads, "ONE_PUT", 2000)
    monkeypatch.setattr(uploads, "PART", 1500)
    monkeypatch.setattr("liferaft.data.bucket.bucketcopy.to_site.SMALL", 1000)
    monkeypatch.setattr("liferaft.data.bucket.bucketcopy.to_site.ONE_PUT", 2000)


def test_a_large_object_goes_there_and_back_in_parts(place: Place) -> None:
    place.flat.put("site", "large", bytes(range(256)) * 20)
    snapshot(place.task("site"))
    restore(place.task("new"))
    assert place.flat.bucket("new")["large"].body == bytes(range(256)) * 20
    assert place.flat.uploads == {}
    assert not (place.state / "bucket-media.uploads").exists()


def test_what_a_restore_that_was_cut_off_had_begun_is_ended_by_the_next_and_the_apps_own_is_not(
    place: Place,
) -> None:
    place.flat.put("site", "large", bytes(5000))
    snapshot(place.task("site"))
    place.flat.uploads["the-apps"] = Upload("new", "large", begun=LONG_AGO)
    cut = False

    def before(asked: Asked) -> None:
        nonlocal cut
        if (asked.method, asked.bucket, asked.key) == ("PUT", "new", "large"):
            cut = True
        if cut and asked.bucket == "new" and asked.key == "large":
            raise ConnectionResetError

    place.flat.before = before
    restore(place.task("new"))
    assert "broke off" in (place.state / "bucket-media.not-restored").read_text()
    assert len(place.flat.uploads) > 1, "the line was down when it would have ended them"
    notes = place.state / "bucket-media.uploads"
    assert notes.stat().st_mode & 0o777 == 0o600
    place.flat.before = lambda _: None
    restore(place.task("new"))
    assert list(place.flat.uploads) == ["the-apps"]
    assert place.flat.bucket("new")["large"].body == bytes(5000)
    assert not notes.exists()


def test_half_a_note_hides_no_later_one(place: Place) -> None:
    """A full disk cuts one off, and has room again for the next."""
    notes = place.state / "bucket-media.uploads"
    begun = leftovers.Begun(notes)
    for name in ("first", "second"):
        place.flat.uploads[name] = Upload("new", name)
        begun.note(name, name)
        notes.write_text(notes.read_text() + '["cut", "o')
    begun.abort(place.store("site", "new"))
    assert place.flat.uploads == {}
    assert not notes.exists()


def test_old_uploads_below_our_folder_of_the_vault_are_ended_and_all_others_stay(
    place: Place,
) -> None:
    ours, foreign = f"{FOLDER}a.b", "app/epoch-00000001/pgbackrest/a"
    place.flat.uploads.update(
        old=Upload("vault", ours, begun=LONG_AGO),
        under_way=Upload("vault", ours),
        another=Upload("vault", foreign, begun=LONG_AGO),
        the_sites=Upload("site", ours, begun=LONG_AGO),
    )
    snapshot(place.task("site"))
    assert set(place.flat.uploads) == {"under_way", "another", "the_sites"}


@pytest.mark.parametrize("status", [403, 501])
def test_a_vault_that_tells_of_no_uploads_is_as_good(place: Place, status: int) -> None:
    place.flat.put("site", "one", b"1")
    place.flat.uploads["old"] = Upload("vault", f"{FOLDER}a.b", begun=LONG_AGO)

    def before(_: Asked) -> None:
        if "&uploads=" in place.flat.asked[-1][1]:
            raise Refusal(status, "No")

    place.flat.before = before
    assert snapshot(place.task("site"))["objects"] == 1
    assert "old" in place.flat.uploads


def test_uploads_on_the_second_page_are_ended_too(place: Place) -> None:
    vault, asked = place.store("vault", "vault"), []

    def pages(method: str, key: str = "", **said: object) -> tuple[dict[str, str], bytes]:
        asked.append((method, key, said["query"]))
        row = "<Upload><Key>p/{0}</Key><UploadId>{0}</UploadId><Initiated>2020-01-01T00:00:00Z"
        row += "</Initiated></Upload>"
        if len(asked) > 1:
            return {}, f"<R>{row.format(2)}</R>".encode()
        more = "<IsTruncated>true</IsTruncated><NextKeyMarker>p/1</NextKeyMarker>"
        return {}, f"<R>{more}{row.format(1)}</R>".encode()

    vault.ask = pages  # type: ignore[method-assign]  # its answers
    leftovers.abort_old(vault, "p/")
    assert [(method, key) for method, key, _ in asked if method == "DELETE"] == [
        ("DELETE", "p/1"),
        ("DELETE", "p/2"),
    ]
