"""What an account may run is known before anything is made, on the wire of a simulated AWS."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from tests.contract.home import Home
from tests.contract.worlds.aws import AwsWorld
from tests.contract.worlds.line import Asked, Real
from werkzeug.wrappers import Response

from liferaft.clouds.classification import CloudFailure
from liferaft.clouds.sizes import NoSizeFits, WantedSize

SMALL = WantedSize(cpus=2, memory=4096, disk=20, architecture="x86_64")
LARGE = WantedSize(cpus=8, memory=32768, disk=20, architecture="x86_64")
TWO: Mapping[str, WantedSize] = {"chirp-here-app-1": SMALL, "chirp-here-db-1": SMALL}


def test_an_account_that_may_run_the_servers_has_nothing_to_say(home: Home) -> None:
    told = home.cloud.allowance(TWO)
    assert (told.obstacles, told.notes, told.unknown) == ((), (), ())


def test_an_account_from_before_there_were_plans_has_nothing_to_say(
    aws: AwsWorld, home: Home
) -> None:
    aws.limits.plan = None
    assert home.cloud.allowance(TWO).notes == ()


def test_the_free_plan_is_told_with_its_end_and_what_would_be_started(
    aws: AwsWorld, home: Home
) -> None:
    aws.limits.plan = "FREE"
    told = home.cloud.allowance(TWO)
    assert told.obstacles == ()
    (note,) = told.notes
    assert "on 2028-01-01" in note
    assert "87.5 USD" in note
    assert "Servers would be c7i-flex.large." in note


def test_servers_that_no_free_type_is_large_enough_for_are_refused_before_they_are_made(
    aws: AwsWorld, home: Home
) -> None:
    aws.limits.plan = "FREE"
    (none,) = home.cloud.allowance({"chirp-here-app-1": LARGE}).obstacles
    assert "t3.micro" in none.facts.happened
    assert "paid" in none.facts.do
    assert aws.changes == 0


def test_a_server_on_the_free_plan_gets_a_type_that_it_has(aws: AwsWorld, home: Home) -> None:
    aws.limits.plan = "FREE"
    server = home.create("server")
    assert server.chosen_type == "c7i-flex.large"
    again = home.things("server").update(server.id, home.spec("server"))
    assert again.chosen_type == "c7i-flex.large"


def test_of_pinned_types_the_free_plan_takes_one_that_it_has(aws: AwsWorld, home: Home) -> None:
    aws.limits.plan = "FREE"
    spec = replace(home.plain_server(), machine_types=("m6i.large", "t3.small"))
    assert home.things("server").create(spec, home.owner("server")).chosen_type == "t3.small"


def test_pinned_types_that_the_free_plan_lacks_are_told_with_those_that_it_has(
    aws: AwsWorld, home: Home
) -> None:
    aws.limits.plan = "FREE"
    spec = replace(home.plain_server(), machine_types=("m6i.large",))
    with pytest.raises(NoSizeFits, match=r"may start only .*m7i-flex\.large"):
        home.things("server").create(spec, home.owner("server"))


def test_a_quota_that_the_servers_would_exceed_is_told_before_they_are_made(
    aws: AwsWorld, home: Home
) -> None:
    home.create("server")
    aws.limits.cpus = 5
    before = aws.changes
    (over,) = home.cloud.allowance({"chirp-here-db-1": SMALL, "chirp-here-db-2": SMALL}).obstacles
    assert "5 CPUs at once" in over.facts.happened
    assert "2 run, and 2 servers need 4 more" in over.facts.happened
    assert aws.changes == before
    aws.limits.cpus = 3
    spec = replace(home.plain_server(), name="db-1", private_address=None)
    with pytest.raises(CloudFailure, match="VcpuLimitExceeded"):
        home.things("server").create(spec, home.owner("another"))


def test_servers_that_run_already_need_no_more_of_the_quota(aws: AwsWorld, home: Home) -> None:
    home.create("server")
    aws.limits.cpus = 4
    assert home.cloud.allowance(TWO).obstacles == ()


def test_a_server_that_runs_needs_no_type_that_is_still_given(home: Home) -> None:
    """A deploy that has nothing to make there would be refused for it."""
    gone = replace(SMALL, machine_types=("m1.gone",))
    assert home.cloud.allowance({"chirp-here-app-1": gone}).obstacles
    home.create("server")
    assert home.cloud.allowance({"chirp-here-app-1": gone}).obstacles == ()


def test_spot_instances_take_nothing_of_the_quota(aws: AwsWorld, home: Home) -> None:
    """They have one of their own: a deploy would be refused for servers that fit."""
    home.create("server")
    aws.limits.cpus = 3
    wanted = {"chirp-here-db-1": SMALL}
    assert home.cloud.allowance(wanted).obstacles, "an On-Demand one counts"

    def spot(asked: Asked, real: Real) -> Response | None:
        if asked.form.get("Action") != "DescribeInstances":
            return None
        answer, kept = real(), b"<instanceType>"
        told = answer.get_data()
        assert kept in told
        answer.set_data(told.replace(kept, b"<instanceLifecycle>spot</instanceLifecycle>" + kept))
        return answer

    aws.line.faults.append(spot)
    assert home.cloud.allowance(wanted).obstacles == ()


@pytest.mark.parametrize(
    ("target", "permission"),
    [
        ("GetAccountPlanState", "freetier:GetAccountPlanState"),
        ("GetServiceQuota", "servicequotas:GetServiceQuota"),
    ],
)
def test_what_a_policy_does_not_let_us_ask_is_said_and_stops_nothing(
    aws: AwsWorld, home: Home, target: str, permission: str
) -> None:
    def forbidden(asked: Asked, _: Real) -> Response | None:
        if not asked.request.headers.get("X-Amz-Target", "").endswith(target):
            return None
        told = '{"__type": "AccessDeniedException", "message": "not allowed"}'
        return Response(told, 400, mimetype="application/x-amz-json-1.1")

    aws.line.faults.append(forbidden)
    told = home.cloud.allowance(TWO)
    assert told.obstacles == ()
    (unknown,) = told.unknown
    assert permission in unknown
