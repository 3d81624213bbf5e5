"""What an organization forbids is known before anything is made; what is not told is unknown."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.gcp import GcpWorld, gcp_world
from tests.contract.worlds.line import Asked, Real
from tests.hosts.keys import new_key_pair
from werkzeug.wrappers import Response

from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.gcp.organization import (
    ADDRESSES,
    AUTH_TYPES,
    LOCATIONS,
    OS_LOGIN,
    Intent,
    allows,
)
from liferaft.clouds.sizes import WantedSize

simulated = pytest.mark.sandbox  # the simulated Google on loopback, and its SDK
SERVERS = {"chirp-here-app-1": WantedSize(cpus=2, memory=4096, disk=20, architecture="x86_64")}
INTENT = Intent("lab", "europe-west3", frozenset({"app-1"}), has_bucket=True)
HERE = "projects/lab/zones/europe-west3-a/instances/app-1"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcpWorld]:
    with gcp_world(tmp_path_factory.mktemp("gcp")) as started:
        yield started


@pytest.fixture
def home(world: GcpWorld) -> Iterator[Home]:
    world.clear()
    yield Home(world.open(HURRY), new_key_pair().public, "chirp")
    world.mend()


@simulated
@pytest.mark.parametrize("constraint", [ADDRESSES, OS_LOGIN, LOCATIONS])
def test_what_would_refuse_a_server_is_told_before_it_is_made(
    world: GcpWorld, home: Home, constraint: str
) -> None:
    world.constrain(constraint)
    before = world.changes
    (obstacle,) = home.cloud.allowance(SERVERS).obstacles
    assert f"constraints/{constraint}" in obstacle.facts.happened
    assert "Ask whoever administers it" in obstacle.facts.do
    assert world.changes == before
    spec = home.spec("server")
    with pytest.raises(CloudFailure) as refused:
        home.things("server").create(spec, home.owner("server"))
    assert f"constraints/{constraint}" in refused.value.facts.do, "and it would have been"


@simulated
def test_a_policy_that_allows_what_is_needed_stands_in_nobodys_way(
    world: GcpWorld, home: Home
) -> None:
    world.constrain(LOCATIONS, values={"allowedValues": ["in:europe-west3-locations"]})
    told = home.cloud.allowance(SERVERS)
    assert (told.obstacles, told.unknown) == ((), ())
    home.create("server")


@simulated
def test_keys_of_a_bucket_are_asked_about_where_there_is_a_bucket(
    world: GcpWorld, home: Home
) -> None:
    world.constrain(AUTH_TYPES)
    assert home.cloud.allowance(SERVERS).obstacles == ()
    (obstacle,) = home.cloud.allowance(SERVERS, has_bucket=True).obstacles
    assert "It forbids HMAC keys" in obstacle.facts.do


@simulated
@pytest.mark.parametrize("reason", ["SERVICE_DISABLED", "IAM_PERMISSION_DENIED"])
def test_an_account_that_is_not_told_knows_what_to_ask_for_and_may_go_on(
    world: GcpWorld, home: Home, reason: str
) -> None:
    def untold(asked: Asked, _: Real) -> Response | None:
        if ":getEffectivePolicy" not in asked.path:
            return None
        info = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}
        error = {"code": 403, "message": "no", "status": "PERMISSION_DENIED", "details": [info]}
        return Response(json.dumps({"error": error}), 403, mimetype="application/json")

    world.line.faults.append(untold)
    told = home.cloud.allowance(SERVERS, has_bucket=True)
    assert told.obstacles == ()
    (unknown,) = told.unknown
    assert f"({reason})" in unknown
    assert "roles/orgpolicy.policyViewer" in unknown


@simulated
def test_a_group_whose_regions_only_google_knows_leaves_it_unknown(
    world: GcpWorld, home: Home
) -> None:
    world.constrain(LOCATIONS, values={"allowedValues": ["in:eu-locations"]})
    told = home.cloud.allowance(SERVERS)
    assert told.obstacles == ()
    assert "cannot be told whether constraints/gcp.resourceLocations" in told.unknown[0]


def values(which: str, *told: str) -> dict[str, Any]:
    return {"values": {which: list(told)}}


@pytest.mark.parametrize(
    ("constraint", "rules", "is_allowed"),
    [
        (ADDRESSES, [], True),
        (ADDRESSES, [{"allowAll": True}], True),
        (ADDRESSES, [{"denyAll": True}], False),
        (ADDRESSES, [values("allowedValues", HERE)], True),
        (ADDRESSES, [values("allowedValues", HERE.replace("app-1", "app-12"))], False),
        (ADDRESSES, [values("deniedValues", HERE)], False),
        (ADDRESSES, [values("allowedValues", "under:projects/lab")], True),
        (ADDRESSES, [values("allowedValues", "under:folders/1")], None),
        (OS_LOGIN, [{}], True),
        (OS_LOGIN, [{"enforce": False}], True),
        (OS_LOGIN, [{"enforce": True}], False),
        (LOCATIONS, [values("allowedValues", "europe-west3-a")], True),
        (LOCATIONS, [values("allowedValues", "in:europe-locations")], True),
        (LOCATIONS, [values("allowedValues", "in:us-west1-locations", "europe-west30")], False),
        (LOCATIONS, [values("allowedValues", "europe")], False),
        (LOCATIONS, [values("allowedValues", "in:eu-locations")], None),
        (LOCATIONS, [values("deniedValues", "in:europe-west3-locations")], False),
        (LOCATIONS, [values("deniedValues", "in:us-west1-locations")], True),
        (LOCATIONS, [values("deniedValues", "in:eu-locations")], None),
        (
            LOCATIONS,
            [
                values("allowedValues", "in:europe-locations"),
                values("deniedValues", "is:europe-west3"),
            ],
            False,
        ),
        (AUTH_TYPES, [values("deniedValues", "USER_ACCOUNT_HMAC_SIGNED_REQUESTS")], True),
        (AUTH_TYPES, [values("deniedValues", "SERVICE_ACCOUNT_HMAC_SIGNED_REQUESTS")], False),
        (AUTH_TYPES, [values("deniedValues", "in:ALL_HMAC_SIGNED_REQUESTS")], False),
    ],
)
def test_each_kind_of_rule_is_read_as_google_means_it(
    constraint: str, rules: list[dict[str, Any]], is_allowed: bool | None
) -> None:
    assert allows(constraint, rules, INTENT) is is_allowed


def test_one_server_that_a_list_of_addresses_lacks_is_enough() -> None:
    two = Intent("lab", "europe-west3", frozenset({"app-1", "db-1"}), has_bucket=False)
    assert allows(ADDRESSES, [values("allowedValues", HERE)], two) is False
