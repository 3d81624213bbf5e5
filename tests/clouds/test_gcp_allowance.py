"""What a Google project may run is known before anything is made."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.gcp import GcpWorld, gcp_world
from tests.contract.worlds.line import Asked, Real
from tests.hosts.keys import new_key_pair
from werkzeug.wrappers import Response

from liferaft.clouds.sizes import WantedSize
from liferaft.clouds.systems import DEFAULT_SYSTEM

pytestmark = pytest.mark.sandbox  # the simulated Google on loopback, and its SDK
SMALL = WantedSize(cpus=2, memory=4096, disk=20, architecture="x86_64")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpWorld]:
    with gcp_world(tmp_path_factory.mktemp("gcp")) as started:
        yield started


@pytest.fixture
def home(world: GcpWorld) -> Iterator[Home]:
    world.clear()
    yield Home(world.open(HURRY), new_key_pair().public, "chirp")
    world.mend()


def servers(count: int) -> Mapping[str, WantedSize]:
    return {f"chirp-here-app-{number}": SMALL for number in range(1, count + 1)}


def test_a_project_that_may_run_the_servers_has_nothing_to_say(home: Home) -> None:
    told = home.cloud.allowance(servers(2))
    assert (told.obstacles, told.notes, told.unknown) == ((), (), ())


def test_a_quota_that_the_servers_would_exceed_is_told_before_they_are_made(
    world: GcpWorld, home: Home
) -> None:
    home.create("server")
    before = world.changes
    (over,) = home.cloud.allowance(servers(37)).obstacles
    assert over.facts.happened.endswith("; 2 run, and 36 servers need 72 more")
    assert "IAM, Quotas" in over.facts.do
    assert world.changes == before


def test_a_server_that_runs_needs_no_type_that_is_still_given(home: Home) -> None:
    """A deploy that has nothing to make there would be refused for it."""
    gone = {"chirp-here-app-1": replace(SMALL, machine_types=("n0-gone-2",))}
    assert home.cloud.allowance(gone).obstacles
    home.create("server")
    assert home.cloud.allowance(gone).obstacles == ()


def test_an_image_family_that_has_come_to_its_end_is_told(world: GcpWorld, home: Home) -> None:
    def ended(asked: Asked, _: Real) -> Response | None:
        if "/family/" not in asked.path:
            return None
        path = asked.path.removeprefix("/compute/v1/")
        told = {"code": 404, "message": f"The resource '{path}' was not found"}
        return Response(f'{{"error": {told}}}'.replace("'", '"'), 404, mimetype="application/json")

    world.line.faults.append(ended)
    told = home.cloud.allowance(servers(1))
    assert told.obstacles == ()
    assert f"no image of family {DEFAULT_SYSTEM} any more" in told.notes[0]
