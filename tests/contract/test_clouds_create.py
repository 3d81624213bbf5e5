"""Creating at every cloud: once, whatever happens in between, and with the owner's name on it."""

from dataclasses import replace
from functools import partial
from operator import eq
from typing import Any

import pytest
from tests.contract import home as chirp
from tests.contract.home import HURRY, PRIVATE_ADDRESS, USER_DATA, Home
from tests.contract.worlds.world import World

from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.contract import APP, EPOCH, LONGEST_NAME, SITE, TOKEN, TakenByAnotherSpec
from liferaft.clouds.sizes import WantedSize

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # some ten seconds for each cloud
MOST_CALLS = 20
LONGEST_APP, LONGEST_SITE = "a" * 31 + "-chirp", "b" * 24 + "-site"


def test_creating_twice_with_one_token_gives_the_same_thing(home: Home, kind: str) -> None:
    first = home.create(kind)
    assert home.create(kind) == first
    assert len(home.things(kind).owned_by(app=home.app)) == 1


def test_no_lost_answer_makes_a_second_thing(world: World, home: Home, kind: str) -> None:
    spec, before = home.spec(kind), world.changes
    world.lose(lambda number: number % 2 == 1)
    made = home.things(kind).create(spec, home.owner(kind))
    world.lose(lambda _: False)
    assert world.changes > before
    assert home.things(kind).create(spec, home.owner(kind)) == made
    assert len(home.things(kind).owned_by(app=home.app)) == 1


def test_a_kill_after_any_call_is_found_and_finished_by_the_next_run(
    world: World, home: Home, kind: str
) -> None:
    """A run that loses an answer and does not insist has done what a killed one has done."""
    spec, killed = home.spec(kind), 0
    insisting_on_nothing = world.open(replace(HURRY, attempts=1)).kinds[kind]
    while killed < MOST_CALLS:
        world.lose(partial(eq, killed + 1))
        try:
            insisting_on_nothing.create(spec, home.owner(kind))
        except CloudFailure:
            killed += 1
            assert len(home.things(kind).owned_by(app=home.app)) <= 1
        else:
            break
    assert 0 < killed < MOST_CALLS
    world.lose(lambda _: False)
    made = home.things(kind).create(spec, home.owner(kind))
    assert home.things(kind).read(made.id) == made
    assert len(home.things(kind).owned_by(app=home.app)) == 1


def test_a_deleted_thing_can_be_created_again(home: Home, kind: str) -> None:
    spec, things = home.spec(kind), home.things(kind)
    things.delete(things.create(spec, home.owner(kind)).id)
    again = things.create(spec, home.owner(kind))
    assert things.read(again.id) == again


def test_what_was_made_from_other_inputs_is_not_taken(home: Home, kind: str) -> None:
    things, spec = home.things(kind), home.spec(kind)
    others: dict[str, dict[str, Any]] = {
        "network": {"subnet_range": "10.20.0.0/21"},
        "ssh_key": {"public_key": home.public_key[:-4] + "AAAA"},
        "server": {"disk": 30},
    }
    things.create(spec, home.owner(kind))
    # Made from a name alone, or from what is updated: there are no other inputs.
    changed = replace(spec, **others.get(kind, {}))
    if changed == spec:
        assert kind in ("address", "bucket", "firewall", "machine_image", "volume")
        return
    with pytest.raises(TakenByAnotherSpec, match="from other inputs") as refused:
        things.create(changed, home.owner(kind))
    assert refused.value.facts.details["id"]
    assert len(things.owned_by(app=home.app)) == 1


def test_everything_carries_its_owner(home: Home, kind: str) -> None:
    ident = home.make(kind)
    (row,) = home.things(kind).owned_by(app=home.app, site=chirp.SITE)
    assert row.id == ident
    owner = home.owner(kind)
    expected = {APP: home.app, SITE: chirp.SITE, EPOCH: str(chirp.EPOCH), TOKEN: owner.token}
    assert {name: row.labels.get(name) for name in expected} == expected


def test_a_listing_shows_only_the_owners_things(home: Home, kind: str) -> None:
    things, ident = home.things(kind), home.make(kind)
    assert [row.id for row in things.owned_by(app=home.app)] == [ident]
    assert list(things.owned_by(app=home.app, site="elsewhere")) == []
    assert list(things.owned_by(app="another")) == []


def test_the_longest_names_are_still_valid(home: Home, kind: str) -> None:
    """The bucket's name is the configuration's own; every other one is made of three parts."""
    app = home.app[-8:] + LONGEST_APP
    far = replace(home, app=app, site=LONGEST_SITE)
    ident = far.make(kind)
    (row,) = far.things(kind).owned_by(app=app, site=LONGEST_SITE)
    assert row.id == ident
    assert len(row.name) <= LONGEST_NAME


def test_a_server_has_its_private_address(home: Home) -> None:
    server = home.create("server")
    networks = "network" in home.cloud.kinds
    assert server.private_address == PRIVATE_ADDRESS if networks else server.private_address


@pytest.mark.needs("address")
def test_a_server_has_the_reserved_address(home: Home) -> None:
    address = home.create("address")
    assert home.create("server").public_address == address.address


def test_a_server_without_a_reserved_address_has_one_of_its_own(home: Home) -> None:
    spec = replace(home.spec("server"), address_id=None)
    server = home.things("server").create(spec, home.owner("server"))
    assert server.public_address


def test_the_machine_gets_exactly_the_user_data(world: World, home: Home) -> None:
    home.make("server")
    assert world.user_data[-1] == USER_DATA.encode()


@pytest.mark.needs("machine_image")
def test_a_server_boots_from_our_own_image(home: Home) -> None:
    image = home.make("machine_image")
    spec = replace(
        home.spec("server"),
        name="app-2",
        address_id=None,
        private_address="10.20.2.12",
        image_id=image,
    )
    server = home.things("server").create(spec, home.owner("second"))
    assert home.things("server").read(server.id) == server


def test_what_an_account_may_run_is_asked_without_making_anything(world: World, home: Home) -> None:
    wanted = WantedSize.of(home.plain_server())
    before = world.changes
    assert home.cloud.allowance({f"{home.app}-here-app-1": wanted}).obstacles == ()
    assert world.changes == before
