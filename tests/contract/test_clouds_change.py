"""What can change in place, and what is gone after a deletion, at every cloud."""

from dataclasses import replace
from typing import Any

import pytest
from tests.contract.home import EVERYWHERE, Home
from tests.contract.worlds.world import Absent, World

from liferaft.clouds.contract import Ability, Unsupported
from liferaft.clouds.kinds import KINDS, Rule
from liferaft.clouds.sizes import NoSizeFits, WantedSize
from liferaft.failures import Failure, Refused

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # some ten seconds for each cloud
LARGER = {"cpus": 4, "memory": 8192}


def test_what_was_created_can_be_read_until_it_is_deleted(home: Home, kind: str) -> None:
    things, made = home.things(kind), home.create(kind)
    assert things.read(made.id) == made
    things.delete(made.id)
    assert things.read(made.id) is None
    assert list(things.owned_by(app=home.app)) == []


def test_deleting_what_is_gone_succeeds(home: Home, kind: str) -> None:
    things, ident = home.things(kind), home.make(kind)
    things.delete(ident)
    things.delete(ident)


def test_a_deletion_whose_answers_are_lost_comes_to_its_end(
    world: World, home: Home, kind: str
) -> None:
    things, ident = home.things(kind), home.make(kind)
    world.lose(lambda number: number % 2 == 1)
    things.delete(ident)
    world.mend()
    assert things.read(ident) is None


def test_what_cannot_change_in_place_says_so(home: Home, kind: str) -> None:
    things = home.things(kind)
    if KINDS[kind].updatable:
        return
    with pytest.raises(Unsupported, match="cannot change") as refused:
        things.update("1", home.spec(kind))
    assert "liferaft.toml" in refused.value.facts.do


@pytest.mark.parametrize("kind", ["firewall", "server", "volume"])
def test_what_is_gone_cannot_change_and_is_told_by_its_name(home: Home, kind: str) -> None:
    things, spec, ident = home.things(kind), home.spec(kind), home.make(kind)
    things.delete(ident)
    with pytest.raises(Failure) as refused:
        things.update(ident, spec)
    assert ident in refused.value.facts.happened
    assert refused.value.facts.do
    assert list(things.owned_by(app=home.app)) == []


@pytest.mark.needs("firewall")
def test_a_firewalls_rules_change_in_place(world: World, home: Home) -> None:
    """Seen at the machine behind it."""
    firewalls, spec, made = home.things("firewall"), home.spec("firewall"), home.create("firewall")
    home.make("server")
    assert world.let_in() == {("tcp", 22, 22)}
    wider = replace(spec, rules=(Rule("tcp", EVERYWHERE, "80-443"), Rule("icmp", EVERYWHERE)))
    assert firewalls.update(made.id, wider) == made
    assert {row for row in world.let_in() if row[0] == "tcp"} == {("tcp", 80, 443)}
    assert {row[0] for row in world.let_in()} == {"tcp", "icmp"}
    assert firewalls.update(made.id, wider) == made
    assert firewalls.create(wider, home.owner("firewall")) == made


@pytest.mark.needs(Ability.RESIZE_SERVER)
def test_a_server_is_resized_in_place(home: Home) -> None:
    servers, spec, made = home.things("server"), home.spec("server"), home.create("server")
    larger = replace(spec, **LARGER)
    resized = servers.update(made.id, larger)
    assert resized.chosen_type != made.chosen_type
    assert replace(resized, chosen_type=made.chosen_type) == made
    assert servers.update(made.id, larger) == resized
    assert servers.read(made.id) == resized
    assert servers.create(larger, home.owner("server")) == resized


@pytest.mark.needs(Ability.RESIZE_SERVER)
def test_a_server_that_is_far_too_large_is_made_smaller(home: Home) -> None:
    servers, spec = home.things("server"), home.spec("server")
    larger = replace(spec, cpus=8, memory=16384)
    made = home.create("server")
    try:
        home.cloud.sizes(WantedSize.of(larger))
    except NoSizeFits:
        raise Absent("nothing that is sold here is far too large") from None
    large = servers.update(made.id, larger)
    assert large.chosen_type != made.chosen_type
    assert servers.update(made.id, spec) == made


@pytest.mark.needs(Ability.RESIZE_SERVER)
def test_a_burstable_type_that_is_pinned_no_more_is_left(world: World, home: Home) -> None:
    servers, spec = home.things("server"), home.spec("server")
    if not world.burstable:
        raise Absent("it sells no types with CPU credits")
    for name in world.burstable:
        made = servers.create(replace(spec, machine_types=(name,)), home.owner("server"))
        assert made.chosen_type == name
        assert servers.update(made.id, spec).chosen_type != name
        servers.delete(made.id)


@pytest.mark.needs("volume", Ability.GROW_VOLUME)
def test_a_volume_grows_and_never_shrinks(world: World, home: Home) -> None:
    volumes, spec, made = home.things("volume"), home.spec("volume"), home.create("volume")
    larger = replace(spec, size=20)
    assert world.disks[-1].size == 10
    assert volumes.update(made.id, larger) == made
    assert world.disks[-1].size == 20
    assert volumes.update(made.id, larger) == made
    assert volumes.create(larger, home.owner("volume")) == made
    with pytest.raises(Refused, match="cannot shrink to 10 GiB") as refused:
        volumes.update(made.id, spec)
    assert "20 GiB or more" in refused.value.facts.do
    assert world.disks[-1].size == 20


@pytest.mark.parametrize(
    ("kind", "other"),
    [
        ("firewall", {"rules": (Rule("tcp", EVERYWHERE, "443"),)}),
        pytest.param("server", LARGER, marks=pytest.mark.needs(Ability.RESIZE_SERVER)),
        pytest.param("volume", {"size": 20}, marks=pytest.mark.needs(Ability.GROW_VOLUME)),
    ],
)
def test_a_change_in_place_survives_lost_answers(
    world: World, home: Home, kind: str, other: dict[str, Any]
) -> None:
    things, spec, made = home.things(kind), home.spec(kind), home.create(kind)
    world.lose(lambda number: number % 2 == 1)
    changed = things.update(made.id, replace(spec, **other))
    world.mend()
    assert things.read(made.id) == changed
    assert len(things.owned_by(app=home.app)) == 1


@pytest.mark.needs("volume")
def test_two_volumes_of_one_server_have_devices_of_their_own(home: Home) -> None:
    volumes, made = home.things("volume"), home.create("volume")
    second = replace(home.spec("volume"), name="certificates")
    other = volumes.create(second, home.owner("second"))
    assert made.device.startswith("/dev/")
    assert other.device not in ("", made.device)


@pytest.mark.needs("volume", Ability.MOVE_VOLUME)
def test_a_volume_moves_to_another_server(world: World, home: Home) -> None:
    volumes, made = home.things("volume"), home.create("volume")
    second = replace(
        home.spec("server"), name="app-2", address_id=None, private_address="10.20.2.12"
    )
    server = home.things("server").create(second, home.owner("second"))
    moved = replace(home.spec("volume"), server_id=server.id)
    disk = world.disks[-1].id
    assert world.machines_with(disk) == ["10.20.2.11"]
    assert volumes.update(made.id, moved).id == made.id
    assert world.machines_with(disk) == ["10.20.2.12"]
    assert volumes.update(made.id, moved) == volumes.read(made.id)
    home.things("server").delete(home.make("server"))
    assert volumes.read(made.id) is not None


@pytest.mark.needs("volume", Ability.MOVE_VOLUME)
def test_a_volume_outlives_its_server(home: Home) -> None:
    volumes, made = home.things("volume"), home.create("volume")
    servers, first = home.things("server"), home.make("server")
    servers.delete(first)
    assert volumes.read(made.id) is not None
    assert [row.id for row in volumes.owned_by(app=home.app)] == [made.id]
    again = home.create("volume")
    assert again.id == made.id
    assert volumes.read(made.id) == again
