"""A vault that was away is brought the records that it lacks by the servers of the site that
reigns, and leads again then; what a command would have to decide is left to a command."""

import pytest
from tests.data.flat_store import Asked
from tests.data.records.recordbringing.conftest import (
    EVENT,
    PIN,
    POINT,
    STATE,
    Fleet,
    away_while,
)
from tests.models.vault import Shelf


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
    for key in (
        "pgbackrest/archive/x",
        "bucket/media/x",
        "volume/files/x",
        "images/x",
        "certificates/x",
    ):
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


def test_an_epoch_that_one_vault_alone_has_stops_it(fleet: Fleet) -> None:
    away_while(fleet)
    fleet.alone("first").put("epoch/00000002", b"claimed there")
    fleet.look()
    assert "chirp/epoch/00000002" not in fleet.flat.bucket("second")
    assert not fleet.is_whole()


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


def test_while_all_is_well_a_look_costs_five_questions_of_each_vault(fleet: Fleet) -> None:
    fleet.look()
    fleet.hour -= 1  # at once again
    fleet.flat.asked.clear()
    fleet.look()
    assert len(fleet.flat.asked) == 5 * len(fleet.several.raw)
