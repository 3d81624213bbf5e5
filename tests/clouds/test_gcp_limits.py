"""What Google alone refuses, or leaves to us: zones of disks, room for a resized server, tags."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.gcp import GcpWorld, gcp_world
from tests.contract.worlds.line import Asked, Real
from werkzeug.wrappers import Response

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.gcp.access import GcpAccess
from liferaft.failures import Refused

pytestmark = pytest.mark.sandbox  # the simulated Google on loopback, and its SDK


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpWorld]:
    with gcp_world(tmp_path_factory.mktemp("gcp")) as world:
        yield world


@pytest.fixture
def world(started: GcpWorld) -> Iterator[GcpWorld]:
    started.clear()
    yield started
    started.mend()


@pytest.fixture
def home(world: GcpWorld) -> Home:
    return Home(world.open(HURRY), "ssh-ed25519 AAAA", "chirp")


def test_a_volume_stays_in_its_zone(world: GcpWorld, home: Home) -> None:
    made = home.create("volume")
    world.fill(zones=[made.id.partition("/")[0]])
    spec = replace(home.plain_server(), name="app-2", private_address="10.20.2.12")
    elsewhere = home.things("server").create(spec, home.owner("second"))
    with pytest.raises(Refused, match="within its zone alone") as refused:
        home.things("volume").update(made.id, replace(home.spec("volume"), server_id=elsewhere.id))
    assert made.id.partition("/")[0] in refused.value.facts.do
    assert home.things("volume").read(made.id) == made


def test_a_volume_never_shrinks(home: Home) -> None:
    made, spec = home.create("volume"), home.spec("volume")
    with pytest.raises(Refused, match="cannot shrink to 9 GiB"):
        home.things("volume").update(made.id, replace(spec, size=spec.size - 1))


def test_a_server_that_finds_no_room_for_its_new_size_runs_on_as_it_was(
    world: GcpWorld, home: Home
) -> None:
    made = home.create("server")
    _room_only_as(world, made.chosen_type)
    with pytest.raises(CloudFailure) as refused:
        home.things("server").update(made.id, replace(home.spec("server"), cpus=4))
    assert refused.value.classification.verdict is Verdict.CAPACITY
    world.mend()
    assert home.things("server").read(made.id) == made


def test_a_server_keeps_a_type_that_fits_and_is_not_stopped_for_it(
    world: GcpWorld, home: Home
) -> None:
    made = home.create("server")
    smaller = replace(home.spec("server"), cpus=1, memory=1024)
    before = world.changes
    assert home.things("server").update(made.id, smaller) == made
    assert world.changes == before


def test_rules_of_others_for_the_same_tag_are_left_alone(world: GcpWorld, home: Home) -> None:
    spec, tag = home.spec("firewall"), home.make("firewall")
    somebody = GcpAccess(world.region, world.credentials, HURRY)
    firewalls = somebody.clients.firewalls
    theirs = {
        "name": "theirs",
        "network": somebody.link(f"global/networks/{spec.network_id}"),
        "target_tags": [tag],
        "allowed": [{"I_p_protocol": "icmp"}],
        "source_ranges": ["10.0.0.0/8"],
    }
    somebody.change("adding a rule", firewalls.insert_unary, firewall_resource=theirs)()
    home.things("firewall").update(tag, replace(spec, rules=()))
    rows = somebody.call(firewalls.list)
    assert {row.name for row in rows if tag in row.target_tags} == {tag, "theirs"}


def _room_only_as(world: GcpWorld, machine_type: str) -> None:
    """For servers that are resized."""

    def fault(asked: Asked, _real: Real) -> Response | None:
        if not asked.path.endswith("/setMachineType"):
            return None
        wanted, zone = asked.json["machineType"].rpartition("/")[2], asked.path.split("/")[-4]
        return None if wanted == machine_type else world.no_room(wanted, zone)

    world.line.faults.append(fault)
