"""What a cloud refuses: what is in use, what there is no room for, what exceeds the quota."""

import contextlib
from dataclasses import replace
from functools import partial
from operator import eq

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.world import Absent, World

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.contract import Ability
from liferaft.clouds.registry import entry
from liferaft.clouds.sizes import NoSizeFits, WantedSize

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # some ten seconds for each cloud
SMALL = WantedSize(cpus=2, memory=4096, disk=20, architecture="x86_64")


@pytest.mark.parametrize("kind", ["network", "firewall", "address"])
def test_what_a_server_uses_is_refused_after_a_bounded_wait(
    world: World, home: Home, kind: str
) -> None:
    home.things(kind)
    home.make("server")
    ident = home.make(kind)
    impatient = world.open(replace(HURRY, gone=1))
    with pytest.raises(CloudFailure) as refused:
        impatient.kinds[kind].delete(ident)
    assert refused.value.classification.verdict is Verdict.REFUSED
    home.delete("server")
    if kind == "network":
        home.delete("firewall")
    home.delete(kind)


@pytest.mark.needs("volume")
def test_a_volume_is_taken_off_its_server_before_it_is_deleted(home: Home) -> None:
    home.make("volume")
    server = home.make("server")
    home.delete("volume")
    assert home.things("server").read(server) is not None


def test_a_quota_is_told_with_its_way_out_and_not_asked_again(
    world: World, home: Home, kind: str
) -> None:
    spec = home.spec(kind)
    world.exhaust(kind)
    before = world.changes
    with pytest.raises(CloudFailure) as refused:
        home.things(kind).create(spec, home.owner(kind))
    assert refused.value.classification.verdict is Verdict.QUOTA
    assert "higher limit" in refused.value.facts.do
    assert world.changes - before == 1
    world.mend()
    assert home.things(kind).create(spec, home.owner(kind)).id


def test_no_room_for_a_size_takes_the_next_one(world: World, home: Home) -> None:
    first, second = home.cloud.sizes(SMALL)[:2]
    spec = home.plain_server()
    world.fill(types=[first.name])
    server = home.things("server").create(spec, home.owner("server"))
    assert server.chosen_type == second.name
    world.mend()
    assert home.things("server").create(spec, home.owner("server")) == server


def test_no_room_in_a_zone_takes_the_next_one(world: World, home: Home) -> None:
    spec = home.plain_server()
    before = home.things("server").create(spec, home.owner("server"))
    home.things("server").delete(before.id)
    world.fill(zones=[before.zone or home.cloud.region])
    if Ability.SECOND_ZONE not in entry(home.cloud.name).abilities:
        with pytest.raises(CloudFailure) as refused:
            home.things("server").create(spec, home.owner("server"))
        assert refused.value.classification.verdict is Verdict.CAPACITY
        raise Absent(Ability.SECOND_ZONE)
    server = home.things("server").create(spec, home.owner("server"))
    assert server.zone not in ("", before.zone)
    assert home.things("server").read(server.id) == server
    world.mend()
    assert home.things("server").create(spec, home.owner("server")) == server


def test_all_that_was_tried_is_told_when_there_is_room_nowhere(world: World, home: Home) -> None:
    spec = home.plain_server()
    world.fill()
    with pytest.raises(CloudFailure) as refused:
        home.things("server").create(spec, home.owner("server"))
    assert refused.value.classification.verdict is Verdict.CAPACITY
    for size in home.cloud.sizes(SMALL):
        assert size.name in f"{refused.value.facts.happened} {refused.value.facts.details}"
    assert list(home.things("server").owned_by(app=home.app)) == []


def test_an_answer_lost_while_looking_for_room_makes_no_second_server(
    world: World, home: Home
) -> None:
    first, second = home.cloud.sizes(SMALL)[:2]
    spec = home.plain_server()
    world.fill(types=[first.name])
    world.lose(partial(eq, 2))
    server = home.things("server").create(spec, home.owner("server"))
    assert server.chosen_type == second.name
    assert len(home.things("server").owned_by(app=home.app)) == 1


def test_the_cheapest_type_that_fits_is_chosen(home: Home) -> None:
    sizes = home.cloud.sizes(SMALL)
    assert [size.price for size in sizes] == sorted(size.price for size in sizes)
    for size in sizes:
        assert (size.cpus, size.memory) >= (2, 4096)
        assert size.memory >= 4096
    server = home.things("server").create(home.plain_server(), home.owner("server"))
    assert server.chosen_type == sizes[0].name


def test_pinned_types_are_tried_in_their_order(world: World, home: Home) -> None:
    first, second = [size.name for size in home.cloud.sizes(SMALL)[:2]]
    wanted = replace(SMALL, machine_types=(second, first))
    assert [size.name for size in home.cloud.sizes(wanted)] == [second, first]
    world.fill(types=[second])
    spec = replace(home.plain_server(), machine_types=(second, first))
    assert home.things("server").create(spec, home.owner("server")).chosen_type == first


def test_a_size_that_nobody_offers_is_refused(home: Home) -> None:
    with pytest.raises(NoSizeFits, match="100000 CPUs"):
        home.cloud.sizes(WantedSize(cpus=100_000, memory=1, disk=1, architecture="x86_64"))
    with pytest.raises(NoSizeFits, match="no-such-type"):
        home.cloud.sizes(replace(SMALL, machine_types=("no-such-type",)))


def test_the_architecture_is_never_changed(world: World, home: Home) -> None:
    for architecture in ("x86_64", "arm64"):
        with contextlib.suppress(NoSizeFits):
            for size in home.cloud.sizes(replace(SMALL, architecture=architecture)):
                assert size.architecture == architecture
    for type_of_another in world.other_architectures:
        with pytest.raises(NoSizeFits, match=r"is arm64"):
            home.cloud.sizes(replace(SMALL, machine_types=(type_of_another,)))


def test_no_burstable_type_is_chosen_unless_it_is_pinned(world: World, home: Home) -> None:
    burstable = world.burstable
    assert not {size.name for size in home.cloud.sizes(SMALL)} & {*burstable}
    for name in burstable:
        assert home.cloud.sizes(replace(SMALL, machine_types=(name,)))[0].name == name
