"""One vault is brought what it lacks: in which order, and what comes of a kill, a lost answer, and
of a vault that is full, forgets, is damaged or has another claim."""

import threading

import pytest
from tests.data.flat_store import Asked
from tests.data.records.recordbringing.conftest import (
    EPOCH,
    EVENT,
    PIN,
    POINT,
    RELEASE,
    SECRETS,
    STATE,
    Fleet,
    away_while,
)

from liferaft.vault import attendance


def test_manifests_come_last_of_all_records(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.flat.asked.clear()
    fleet.look()
    written = [key for key in fleet.written("first") if not key.startswith(("brought", "away"))]
    created = [key for key in written if key not in (PIN, RELEASE, STATE)]
    assert created[-1] == POINT
    assert "epoch-00000001/blueprint.age" in created


def test_another_epoch_is_told_and_never_overwritten(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    away_while(fleet)
    fleet.alone("first").put(EPOCH, b"claimed by another")
    assert fleet.look() == 1
    assert "epoch/00000001 is another in vault first" in capsys.readouterr().err
    assert fleet.alone("first").get(EPOCH) == b"claimed by another"
    assert not fleet.is_whole()


def test_what_was_deleted_meanwhile_is_told_and_left_to_a_command(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.away("first")
    fleet.command().delete(PIN)
    fleet.command().put(RELEASE, b"the second release")
    fleet.back("first")
    assert fleet.look() == 1
    assert f"({PIN}, for one): servers delete nothing" in capsys.readouterr().err
    assert fleet.alone("first").get(RELEASE) == b"the second release"
    (lacking,) = (one for one in attendance(fleet.command()) if not one.is_complete)
    assert lacking.brought is not None
    assert PIN in lacking.brought.told[0]


def test_a_damaged_record_is_brought_whole_and_a_damaged_source_is_told(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    away_while(fleet)
    fleet.flat.put("first", f"chirp/{SECRETS}", b"liferaft 1 sha256:broken")
    fleet.flat.put("second", f"chirp/{POINT}", b"flipped")
    assert fleet.look() == 1
    assert fleet.alone("first").get(SECRETS) == b"sealed"
    assert f"{POINT} is damaged in vault second" in capsys.readouterr().err
    assert f"chirp/{POINT}" not in fleet.flat.bucket("first")
    assert not fleet.is_whole()


def test_killed_at_any_write_the_next_look_ends_well(fleet: Fleet) -> None:
    """A vault that breaks every connection from some write on, as a kill does."""
    before = dict(fleet.flat.bucket("first"))
    away_while(fleet)
    for after in range(40):
        fleet.flat.bucket("first").clear()
        fleet.flat.bucket("first").update(before)
        written: list[str] = []

        def cut(asked: Asked, after: int = after, written: list[str] = written) -> None:
            if asked.method == "PUT" and asked.bucket == "first":
                written.append(asked.key)
                if len(written) > after:
                    raise ConnectionResetError

        fleet.flat.before = cut
        fleet.look()
        fleet.flat.before = lambda _: None
        whole = len(written) <= after
        assert fleet.is_whole() is whole
        fleet.look()
        assert fleet.alike(), after
        assert fleet.is_whole()
        fleet.flat.bucket("second").pop("chirp/brought/first.json")
        if whole:
            return
    pytest.fail("it never came to its end")


def test_an_answer_that_is_lost_is_settled_by_what_lies_there(fleet: Fleet) -> None:
    away_while(fleet)
    lost: set[str] = set()

    def lose(asked: Asked) -> None:
        if asked.method == "PUT" and asked.bucket == "first" and asked.key not in lost:
            lost.add(asked.key)
            body = fleet.flat.bucket("second").get(asked.key)
            if body is not None:
                fleet.flat.put("first", asked.key, body.body)
            raise ConnectionResetError

    fleet.flat.before = lose
    fleet.look()
    assert fleet.alike()
    assert fleet.is_whole()


@pytest.mark.parametrize("status", [403, 507])
def test_a_vault_that_is_full_or_refuses_is_told_and_stays_incomplete(
    fleet: Fleet, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    away_while(fleet)
    fleet.refuse(lambda asked: asked.method == "PUT" and asked.bucket == "first", status)
    assert fleet.look() == 1
    assert f"the store answered {status}" in capsys.readouterr().err
    fleet.back("first")
    (lacking,) = (one for one in attendance(fleet.command()) if not one.is_complete)
    assert lacking.brought is not None
    assert str(status) in lacking.brought.told[0]
    fleet.look()
    assert fleet.is_whole()


def test_a_vault_that_takes_and_forgets_never_counts_as_whole(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    away_while(fleet)

    def forget(asked: Asked) -> None:
        if asked.method == "GET" and asked.bucket == "first":
            fleet.flat.bucket("first").pop(f"chirp/{EVENT}", None)

    fleet.flat.before = forget
    assert fleet.look() == 1
    assert f"it took {EVENT} and does not give it back" in capsys.readouterr().err
    assert not fleet.is_whole()


def test_two_servers_at_once_do_the_same(fleet: Fleet) -> None:
    away_while(fleet)
    for number in range(2, 60):
        fleet.alone("second").put(f"runs/a/{number:06}.json", f"event {number}".encode())
    both = [threading.Thread(target=fleet.look) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    fleet.look()
    assert fleet.alike()
    assert fleet.is_whole()


def test_what_a_delete_marker_hides_at_a_store_that_creates_nothing_there_is_brought(
    fleet: Fleet,
) -> None:
    """Versity's gateway answers 412 to a create and 404 to a question then."""
    away_while(fleet)
    fleet.flat.bucket("first").pop(f"chirp/{EVENT}", None)
    plain: list[str] = []

    def before(asked: Asked) -> None:
        headers = fleet.flat.asked[-1][2]
        if asked.method == "PUT" and asked.key == f"chirp/{EVENT}" and asked.bucket == "first":
            if headers.get("if-none-match"):
                raise_taken()
            plain.append(asked.key)

    fleet.flat.before = before
    fleet.look()
    assert plain
    assert fleet.is_whole()


def raise_taken() -> None:
    from tests.data.flat_store import Refusal

    raise Refusal(412, "PreconditionFailed")
