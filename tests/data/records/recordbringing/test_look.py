"""A vault that was away is brought the records that it lacks by the servers of the site that
reigns, and leads again then; what a command would have to decide is left to a command."""

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
from tests.models.vault import Shelf

from liferaft.data.records.recordbringing.rules import is_lasting
from liferaft.vault import attendance


@pytest.mark.parametrize("name", ["first", "second"])
def test_a_vault_that_was_away_gets_everything_and_counts_again(fleet: Fleet, name: str) -> None:
    away_while(fleet, name)
    assert not fleet.is_whole()
    assert fleet.look() == 0
    assert fleet.alike()
    assert fleet.is_whole()
    assert fleet.command().order == ("first", "second")
    assert fleet.flat.bucket(name)[f"chirp/{STATE}"].body == b"the engine's, new"


def test_nothing_is_deleted_and_nothing_else_is_asked_of_any_vault(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.flat.asked.clear()
    fleet.look()
    assert {method for method, _, _ in fleet.flat.asked} == {"GET", "PUT"}


def test_what_servers_keep_is_none_of_it(fleet: Fleet) -> None:
    away_while(fleet)
    for key in ("pgbackrest/archive/x", "bucket/media/x", "images/x", "certificates/x"):
        fleet.flat.put("second", f"chirp/epoch-00000001/{key}", b"by others")
    fleet.look()
    assert not [key for key in fleet.flat.bucket("first") if "by others" in key or "/x" in key]
    assert fleet.is_whole()


def test_a_vault_never_has_an_older_epoch_as_its_newest(fleet: Fleet) -> None:
    """An emptied one shows the newest first: by an older one a site whose reign is over could
    believe that it reigns."""
    for number in (2, 3):
        fleet.command().create(f"epoch/{number:08}", b"another")
    fleet.flat.bucket("first").clear()
    fleet.flat.asked.clear()
    fleet.look(epoch=3)
    written = [key for key in fleet.written("first") if key.startswith("epoch/")]
    assert written == ["epoch/00000003", "epoch/00000002", "epoch/00000001"]
    assert fleet.written("first")[0] == "away/first.json"


def test_manifests_come_last_of_all_records(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.flat.asked.clear()
    fleet.look()
    written = [key for key in fleet.written("first") if not key.startswith(("brought", "away"))]
    created = [key for key in written if key not in (PIN, RELEASE, STATE)]
    assert created[-1] == POINT
    assert "epoch-00000001/blueprint.age" in created


def test_a_server_whose_reign_is_over_brings_nothing(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.command().create("epoch/00000002", b"west")
    fleet.flat.asked.clear()
    assert fleet.look(epoch=1) == 0
    assert not [method for method, _, _ in fleet.flat.asked if method != "GET"]


def test_a_reign_that_ends_meanwhile_ends_what_is_under_way(fleet: Fleet) -> None:
    """No word is said of a vault then: who reigns now looks at it."""
    away_while(fleet)

    def before(asked: Asked) -> None:
        if asked.method == "PUT" and asked.key == f"chirp/{EVENT}":
            fleet.flat.put("second", "chirp/epoch/00000002", b"west")

    fleet.flat.before = before
    fleet.look(epoch=1)
    assert "chirp/brought/first.json" not in fleet.flat.bucket("first")
    assert not fleet.is_whole()


def test_a_server_brings_no_epoch_but_those_up_to_its_own(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.look(epoch=2)
    assert not fleet.is_whole()
    assert "chirp/runs/a/000001.json" not in fleet.flat.bucket("first")


def test_while_a_command_is_under_way_nothing_that_it_may_write_is_touched(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.command().create("lease/00000002", b'{"expires": "2099-01-01T00:00:00Z"}')
    fleet.look()
    assert fleet.alone("first").get(EVENT) == b"event"
    assert fleet.alone("first").get(PIN) == b"the first pin"
    assert not fleet.is_whole()
    fleet.command().put("lease-renewed/00000002", b'{"expires": "", "released": true}')
    fleet.look()
    assert fleet.alone("first").get(PIN) == b"the second pin"
    assert fleet.is_whole()


def test_a_command_that_reaches_the_other_vault_alone_is_waited_for_as_well(fleet: Fleet) -> None:
    """Its lease lies where what it writes lies, and nowhere else."""
    away_while(fleet)
    fleet.alone("first").create("lease/00000002", b'{"expires": "2099-01-01T00:00:00Z"}')
    fleet.alone("first").put(PIN, b"of that command")
    fleet.look()
    assert fleet.alone("first").get(PIN) == b"of that command"
    assert not fleet.is_whole()


def test_where_no_vault_is_complete_nothing_is_brought(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each was away while another command wrote into the other one."""
    away_while(fleet, "first")
    fleet.away("second")
    fleet.command().put(PIN, b"in the first alone")
    fleet.back("second")
    assert fleet.look() == 1
    assert "no vault that answers is known to be complete" in capsys.readouterr().err
    assert fleet.several.everywhere(PIN) == {b"in the first alone", b"the second pin"}


def test_a_drill_that_is_under_way_is_waited_for_as_well(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.command().create("drills/lease/00000001", b'{"expires": "2099-01-01T00:00:00Z"}')
    fleet.look()
    assert fleet.alone("first").get(PIN) == b"the first pin"


def test_another_epoch_is_told_and_never_overwritten(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    away_while(fleet)
    fleet.alone("first").put(EPOCH, b"claimed by another")
    assert fleet.look() == 1
    assert "epoch/00000001 is another in vault first" in capsys.readouterr().err
    assert fleet.alone("first").get(EPOCH) == b"claimed by another"
    assert not fleet.is_whole()


def test_an_epoch_that_one_vault_alone_has_stops_it(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.alone("first").put("epoch/00000002", b"claimed there")
    fleet.look()
    assert "chirp/epoch/00000002" not in fleet.flat.bucket("second")
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


def test_a_vault_that_nobody_saw_away_is_found_by_the_point_that_it_lacks(fleet: Fleet) -> None:
    """Servers took it while they did not reach the vault, and no command ran."""
    fleet.alone("second").put(POINT, b"manifest")
    assert fleet.is_whole()
    fleet.look()
    assert fleet.alone("first").get(POINT) == b"manifest"
    assert fleet.is_whole()


def test_a_point_that_was_pruned_in_one_vault_is_not_brought_there_again(fleet: Fleet) -> None:
    old = "epoch-00000001/points/20261101T120000Z.json"
    fleet.command().put(POINT, b"manifest")
    fleet.alone("second").put(old, b"not pruned")
    fleet.look()
    assert f"chirp/{old}" not in fleet.flat.bucket("first")


def test_an_emptied_vault_is_filled(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.look()
    fleet.several.raw["first"].shelf = Shelf(fleet.several.raw["first"].shelf.objects)
    fleet.flat.bucket("first").clear()
    fleet.look()
    assert fleet.alike()
    assert fleet.is_whole()


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


def test_a_command_that_writes_while_records_are_brought_is_not_overwritten(fleet: Fleet) -> None:
    """It takes its lease and writes between the question and the copy; the next look compares."""
    away_while(fleet)

    def before(asked: Asked) -> None:
        if asked.method == "PUT" and asked.key == f"chirp/{EVENT}":
            fleet.flat.before = lambda _: None
            command = fleet.command()
            command.create("lease/00000002", b'{"expires": "2099-01-01T00:00:00Z"}')
            command.put(PIN, b"the third pin")

    fleet.flat.before = before
    fleet.look()
    assert fleet.several.everywhere(PIN) == {b"the third pin"}
    assert not fleet.is_whole()


def test_a_vault_that_is_being_put_back_to_a_moment_is_left_alone(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.alone("second").put("put-back/20261129T091400Z/begun.json", b"{}")
    fleet.flat.asked.clear()
    assert fleet.look() == 1
    assert not [method for method, _, _ in fleet.flat.asked if method != "GET"]


def test_a_state_that_is_replaced_is_kept_among_the_engines_backups(fleet: Fleet) -> None:
    fleet.flat.put("first", f"chirp/{STATE}", b"the engine's, old")
    away_while(fleet)
    fleet.look()
    backups = [key for key in fleet.flat.bucket("first") if "/backups/chirp/east/east." in key]
    assert [fleet.flat.bucket("first")[key].body for key in backups] == [b"the engine's, old"]


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


def test_while_all_is_well_a_look_costs_five_questions_of_each_vault(fleet: Fleet) -> None:
    fleet.look()
    fleet.hour -= 1  # at once again
    fleet.flat.asked.clear()
    fleet.look()
    assert len(fleet.flat.asked) == 5 * len(fleet.several.raw)


def test_nothing_lasts_that_pruning_takes_away() -> None:
    assert is_lasting("epoch-00000001/secrets.age", "00000001")
    assert not is_lasting("epoch-00000001/points/p.json", "00000001")
    assert not is_lasting("epoch-00000001/parts/p/x.json", "00000001")
