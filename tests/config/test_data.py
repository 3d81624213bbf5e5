"""A kind of data that one file of the tests brings: the whole configuration knows of it then."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.config.test_credentials import ENVIRON
from tests.config.test_machines import MACHINES, SITE
from tests.tape import KINDS, ROBOT, SONGS, Tape

from liferaft.config import Config, ConfigInvalid, VariablesMissing, load, resolve
from liferaft.site.roster import roster

Read = Callable[[str], Config]
Find = Callable[[str], dict[str, tuple[str, str]]]
TALES = '[data.tales]\nkind = "tape"\nspeed = 9\n'
SHELF = '[data.{}]\nkind = "shelf"\n'


@pytest.fixture
def read(written: Callable[[str], Path]) -> Read:
    return lambda text: load(written(text), KINDS)


@pytest.fixture
def found(read: Read) -> Find:
    """By key: why it is wrong, and what would be valid."""

    def find(text: str) -> dict[str, tuple[str, str]]:
        with pytest.raises(ConfigInvalid) as caught:
            read(text)
        return {problem.key: (problem.reason, problem.valid) for problem in caught.value.problems}

    return find


def test_two_data_sets_of_a_kind_are_read_by_its_own_model(valid: str, read: Read) -> None:
    config = read(valid + ROBOT + SONGS + TALES)
    songs, tales = config.data["songs"], config.data["tales"]
    assert isinstance(songs, Tape)
    assert isinstance(tales, Tape)
    assert (songs.speed, tales.speed) == (19, 9)
    assert config.run_by_servers == {"postgres": ("db",), "robot": ("songs", "tales")}


def test_a_server_that_runs_its_program_runs_no_service_by_that_word(
    valid: str, read: Read
) -> None:
    config = read(valid + ROBOT.replace('"robot"', '"robot", "player"') + SONGS)
    seat = roster(config).seats[-1]
    assert (seat.name, seat.runs, seat.services) == ("deck-1", ("robot",), ("player",))
    assert [one.name for one in roster(config).seats if one.runs_data] == ["db-1", "deck-1"]


def test_its_program_needs_exactly_one_server(valid: str, found: Find) -> None:
    once = 'exactly one group with count 1 that runs "robot"'
    assert found(valid + SONGS) == {"data.songs": ("no server group runs the jukebox", once)}
    two = ROBOT.replace("deck", "other") + ROBOT + SONGS
    assert found(valid + two) == {"servers.deck.runs": ("other runs the jukebox already", once)}
    many = ROBOT.replace("cpus = 1", "cpus = 1\ncount = 2") + SONGS
    assert found(valid + many) == {"servers.deck.count": ("a second jukebox server", once)}
    assert found(valid + ROBOT) == {
        "servers.deck.runs": (
            'it runs "robot", but no data set is of that kind',
            'a table [data.deck], kind = "tape"',
        )
    }


def test_what_is_wrong_with_it_is_told_as_its_own_model_says(valid: str, found: Find) -> None:
    text = valid + ROBOT + SONGS
    assert found(f"{text}speed = 0\n") == {
        "data.songs.speed": ("0 is not valid here", "centimetres in a second")
    }
    assert found(f"{text}sped = 19\n") == {
        "data.songs.sped": ("unknown key", "did you mean speed?")
    }
    assert found(f"{text}speed = 76\n") == {
        "data.songs.speed": ("the tape ends before the song", "38 or less")
    }


def test_every_mistake_about_data_is_told_with_all_others(valid: str, found: Find) -> None:
    text = valid.replace('name = "chirp"', 'name = "noise"').replace('["postgres"]', "[]")
    text += f'{SONGS}speed = 0\n[data.tales]\nkind = "tpae"\nspeed = 9\nspede = 9\n[data.db2]\n'
    assert found(text) == {
        "app.name": (
            "noise is what tapes are full of",
            "lower-case letters, digits and hyphens, at most 31",
        ),
        "servers.db.runs": (
            "must not be empty",
            'a list of "postgres", "robot" and services of the Compose file',
        ),
        "data.songs.speed": ("0 is not valid here", "centimetres in a second"),
        "data.tales.kind": ("'tpae' is not valid here", "postgres, bucket, volume, tape, or shelf"),
        "data.tales.spede": ("unknown key", "did you mean speed?"),
        "data.db2.kind": ("missing", "postgres, bucket, volume, tape, or shelf"),
    }


def test_data_of_another_kind_in_a_bucket_has_the_sites_bucket(valid: str, read: Read) -> None:
    config = read(valid + SHELF.format("books"))
    assert config.in_buckets == ("books",)
    with pytest.raises(VariablesMissing) as caught:
        resolve(config, ENVIRON, site="two")
    assert {name.partition("_TWO_")[0] for name in caught.value.names} == {"LIFERAFT_BUCKET"}


def test_a_bucket_of_another_kind_is_looked_at_as_any(valid: str, found: Find) -> None:
    bare = SITE.replace('objects = {endpoint = "https://s3.colo.test:8443"}\n', "")
    assert bare != SITE
    assert set(found(valid + bare + MACHINES + SHELF.format("books"))) == {"sites.colo.objects"}
    ((key, (reason, _)),) = found(valid + SHELF.format("x--x-s3")).items()
    assert (key, "aws keeps --x-s3 for itself" in reason) == ("data.x--x-s3", True)


@pytest.mark.parametrize("region", ["ash", "hil", "sin"])
def test_a_site_whose_region_has_no_object_store_is_refused_where_the_app_has_a_bucket(
    valid: str, found: Find, read: Read, region: str
) -> None:
    there = valid.replace('region = "fsn1"', f'region = "{region}"')
    assert read(there).sites["two"].region == region
    assert found(there + '[data.media]\nkind = "bucket"\n') == {
        "sites.two.region": (
            f"the app has a bucket, and hetzner has no object store in {region}",
            "one of fsn1, hel1, nbg1",
        )
    }


def test_a_site_has_one_bucket_whatever_the_kinds_allow(valid: str, found: Find) -> None:
    media = '[data.media]\nkind = "bucket"\n'
    assert found(valid + media + SHELF.format("books")) == {
        "data.books.kind": (
            "media lives in the site's bucket already",
            "one data set that lives in a bucket",
        )
    }


def test_a_kind_says_how_many_of_it_there_may_be(valid: str, found: Find) -> None:
    again, more = '[data.again]\nkind = "postgres"\n', '[data.more]\nkind = "tape"\n'
    assert found(valid + ROBOT + SONGS + TALES + again + more) == {
        "data.again.kind": ("db is of kind postgres already", "one data set of each kind"),
        "data.more.kind": ("songs, tales are of kind tape already", "2 data sets of kind tape"),
    }
