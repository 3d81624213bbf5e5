"""What a copy has brought is read to its end; what lacks or is another is told by name."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.data.bucket.bucketcopy.conftest import Place, kept
from tests.data.bucket.bucketcopy.scripted_rows import ScriptedRows
from tests.data.flat_store import Asked, Refusal

from liferaft.data.bucket.bucketcopy import naming, sampling
from liferaft.data.bucket.bucketcopy.restore import LOST, restore
from liferaft.data.bucket.bucketcopy.sampling import DELETED, OTHER, UNDERWAY, sample
from liferaft.data.bucket.bucketcopy.store import StoreRefused
from liferaft.data.bucket.bucketcopy.task import Task

QUERIES = ["select object_key, id from uploads where id > $1"]
NAMES = [f"pictures/{number}" for number in range(12)]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "_PAUSE", 0.0)


@pytest.fixture
def restored(place: Place) -> Place:
    """Twelve pictures and a film that a row each names, brought to the new site."""
    for number, name in enumerate(NAMES):
        place.flat.put("site", name, b"x" * number, content_type="image/png")
    place.flat.put("site", "film", bytes(3 << 20))
    kept(place)
    restore(place.task("new"))
    return place


def naming_rows(place: Place, *more: str) -> Task:
    rows = ScriptedRows()
    for key in (*NAMES, "film", *more):
        rows.write(key)
    return replace(place.task("new"), rows=rows, references=QUERIES)


def faults(came: Any) -> tuple[Any, Any, Any]:
    return came["missing"], came["underway"], came["other"]


def test_all_that_rows_name_is_read_to_its_end_and_nothing_is_written(restored: Place) -> None:
    asked: list[str] = []
    restored.flat.before = lambda one: asked.append(one.method)
    came = sample(naming_rows(restored))
    assert faults(came) == ({}, {}, {})
    assert (came["of"], came["read"]) == (13, 13)
    assert came["read_size"] == sum(range(12)) + (3 << 20)
    assert set(asked) == {"GET"}


def test_without_rows_it_is_what_the_vault_holds(restored: Place) -> None:
    del restored.flat.bucket("new")["film"]  # the application may: no row says otherwise
    came = sample(restored.task("new"))
    assert faults(came) == ({}, {}, {})
    assert (came["of"], came["read"]) == (13, 12)


def test_what_nobody_has_is_missing_by_name(restored: Place) -> None:
    came = sample(naming_rows(restored, "never/kept"))
    assert faults(came) == ({"never/kept": LOST}, {}, {})


def test_what_a_vault_has_and_the_copy_has_not_brought_yet_is_no_loss(restored: Place) -> None:
    restored.flat.put("site", "late", b"late")
    kept(restored)
    came = sample(naming_rows(restored, "late"))
    assert faults(came) == ({}, {"late": UNDERWAY}, {})


def test_what_the_site_that_reigns_put_into_the_vaults_since_is_no_fault_where_no_row_names_it(
    restored: Place,
) -> None:
    restored.flat.put("site", "late", b"late")
    kept(restored)
    came = sample(restored.task("new"))
    assert faults(came) == ({}, {}, {})
    assert came["read"] == 13


def test_what_the_store_lost_after_it_took_it_is_missing(restored: Place) -> None:
    del restored.flat.bucket("new")[NAMES[3]]
    assert faults(sample(naming_rows(restored))) == ({NAMES[3]: DELETED}, {}, {})


def test_what_the_application_deletes_meanwhile_row_and_all_is_not_missed(restored: Place) -> None:
    class Deleting(ScriptedRows):
        def newest_first(self) -> Iterator[tuple[int, str]]:
            found = list(super().newest_first())
            self.committed = [row for row in self.committed if row.key != NAMES[3]]
            return iter(found)

    del restored.flat.bucket("new")[NAMES[3]]
    task = naming_rows(restored)
    assert isinstance(task.rows, ScriptedRows)
    came = sample(replace(task, rows=Deleting(task.rows.committed)))
    assert faults(came) == ({}, {}, {})


@pytest.mark.parametrize("key", [NAMES[7], "film"])
def test_one_flipped_byte_at_the_site_is_found(restored: Place, key: str) -> None:
    one = restored.flat.bucket("new")[key]
    one.body = one.body[:-1] + bytes([one.body[-1] ^ 1])
    assert faults(sample(naming_rows(restored))) == ({}, {}, {key: OTHER})
    assert faults(sample(restored.task("new"))) == ({}, {}, {key: OTHER})


def test_another_header_is_found(restored: Place) -> None:
    restored.flat.bucket("new")[NAMES[7]].headers["content-type"] = "text/html"
    came = sample(naming_rows(restored))
    assert came["other"] == {NAMES[7]: "it has another content-type than in the vault"}


def test_what_the_site_that_reigns_replaced_since_it_was_copied_is_no_fault(
    restored: Place,
) -> None:
    restored.flat.put("site", NAMES[7], b"a newer one", content_type="image/png")
    kept(restored)
    assert faults(sample(naming_rows(restored))) == ({}, {}, {})


def test_what_the_application_replaced_after_the_copy_is_no_fault(restored: Place) -> None:
    restored.flat.put("new", NAMES[7], b"written at the drill")
    restored.flat.bucket("new")[NAMES[7]].modified = time.time() + 60
    assert faults(sample(naming_rows(restored))) == ({}, {}, {})


def test_what_the_application_wrote_itself_is_read_and_held_against_nothing(
    restored: Place,
) -> None:
    restored.flat.put("new", "written here", b"by the application")
    came = sample(naming_rows(restored, "written here"))
    assert faults(came) == ({}, {}, {})
    assert came["read"] == 14


def test_a_sample_has_the_newest_and_counts_all(
    restored: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "NEWEST", 2)
    monkeypatch.setattr(sampling, "ANY", 3)
    came = sample(naming_rows(restored, "lost/1", "lost/2"))
    assert set(came["missing"]) == {"lost/1", "lost/2"}
    assert came["of"] == 15
    assert came["read"] == 3


def test_rows_that_cannot_be_read_are_told(restored: Place) -> None:
    rows = ScriptedRows(fails="the database is gone")
    came = sample(replace(restored.task("new"), rows=rows, references=QUERIES))
    assert came["rows_unread"] == "the database is gone"


def test_a_store_that_shuts_out_is_no_finding_about_objects(restored: Place) -> None:
    def shut(asked: Asked) -> None:
        if asked.bucket == "new":
            raise Refusal(403, "AccessDenied")

    restored.flat.before = shut
    with pytest.raises(StoreRefused, match="AccessDenied"):
        sample(naming_rows(restored))


def test_its_answer_is_json(restored: Place) -> None:
    assert json.loads(json.dumps(sample(naming_rows(restored, "lost"))))["missing_count"] == 1
