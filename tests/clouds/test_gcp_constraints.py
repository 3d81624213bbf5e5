"""What an organization's policy forbids is told with its name and what to do, not as a riddle."""

from collections.abc import Iterator

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.gcp import GcpWorld, gcp_world
from tests.hosts.keys import new_key_pair

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.clouds.gcp.constraints import way_out

pytestmark = pytest.mark.sandbox  # the simulated Google on loopback, and its SDK


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpWorld]:
    with gcp_world(tmp_path_factory.mktemp("gcp")) as started:
        yield started


@pytest.fixture
def home(world: GcpWorld) -> Home:
    world.clear()
    return Home(world.open(HURRY), new_key_pair().public, "chirp")


@pytest.mark.parametrize(
    ("constraint", "helps"),
    [
        ("compute.vmExternalIpAccess", "public addresses, which every server needs"),
        ("compute.requireOsLogin", "forbids enable-oslogin=FALSE"),
    ],
)
def test_a_server_that_a_policy_forbids_is_told_with_the_policy_and_what_to_do(
    world: GcpWorld, home: Home, constraint: str, helps: str
) -> None:
    spec = home.spec("server")
    world.constrain(constraint)
    with pytest.raises(CloudFailure) as refused:
        home.things("server").create(spec, home.owner("server"))
    assert refused.value.classification.verdict is Verdict.REFUSED
    assert f"constraints/{constraint}" in refused.value.facts.do
    assert helps in refused.value.facts.do


def test_the_projects_os_login_does_not_shut_our_login(world: GcpWorld, home: Home) -> None:
    asked = []
    world.line.faults.append(lambda one, _: asked.append(one.json) if one.json else None)
    home.create("server")
    (server,) = (one for one in asked if "machineType" in one)
    assert {"key": "enable-oslogin", "value": "FALSE"} in server["metadata"]["items"]
    world.mend()


def test_a_refusal_that_names_no_policy_says_nothing_of_one() -> None:
    assert way_out("The zone has no resources.") == ""
    unknown = way_out("Constraint constraints/compute.requireShieldedVm violated for project 1.")
    assert "(constraints/compute.requireShieldedVm). Ask whoever" in unknown
