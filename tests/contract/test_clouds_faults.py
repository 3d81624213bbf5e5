"""Bad days of a control plane: bursts, throttling, servers that never run, nobody at all."""

import time
from dataclasses import replace

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.world import World

from liferaft.clouds.classification import CloudFailure, Verdict
from liferaft.failures import Failure

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # some ten seconds for each cloud


def test_a_burst_of_errors_is_ridden_out(world: World, home: Home, kind: str) -> None:
    spec = home.spec(kind)
    world.burst(3)
    assert home.things(kind).create(spec, home.owner(kind)).id
    assert world.burst_left == 0


def test_an_answer_that_breaks_off_is_an_outage_and_asked_for_again(
    world: World, home: Home, kind: str
) -> None:
    things, ident = home.things(kind), home.make(kind)
    world.cut_off(1)
    assert things.read(ident) is not None
    assert world.burst_left == 0


def test_a_longer_burst_is_called_an_outage(world: World, home: Home, kind: str) -> None:
    things, ident = home.things(kind), home.make(kind)
    world.burst(HURRY.attempts)
    with pytest.raises(CloudFailure) as failed:
        things.read(ident)
    assert failed.value.classification.verdict is Verdict.OUTAGE
    assert world.burst_left == 0


def test_retry_after_is_honoured_within_the_budget(world: World, home: Home) -> None:
    world.throttle(seconds=1)
    started = time.monotonic()
    home.cloud.account()
    assert time.monotonic() - started >= 1


def test_a_retry_after_beyond_the_budget_is_not_waited_for(world: World, home: Home) -> None:
    world.throttle(seconds=3600)  # the next request only: one more would be answered
    with pytest.raises(CloudFailure) as failed:
        home.cloud.account()
    assert failed.value.classification.verdict is Verdict.THROTTLE
    assert world.burst_left == 0


def test_a_server_that_never_runs_ends_in_a_named_deadline(world: World, home: Home) -> None:
    spec = home.spec("server")
    world.hold_boots()
    impatient = world.open(replace(HURRY, ready=0.2))
    with pytest.raises(Failure, match=r"0\.2 s") as passed:
        impatient.kinds["server"].create(spec, home.owner("server"))
    assert f"server {home.app}-here-app-1" in passed.value.facts.happened
    assert "again" in passed.value.facts.do
    world.mend()
    assert home.things("server").create(spec, home.owner("server")).public_address
    assert len(home.things("server").owned_by(app=home.app)) == 1


def test_a_server_that_dies_on_the_way_is_told_and_replaced_by_the_next_run(
    world: World, home: Home
) -> None:
    spec = home.spec("server")
    world.kill_the_next_server()
    impatient = world.open(replace(HURRY, ready=0.5))
    with pytest.raises(Failure) as died:
        impatient.kinds["server"].create(spec, home.owner("server"))
    assert "server" in died.value.facts.happened
    world.mend()
    server = home.things("server").create(spec, home.owner("server"))
    assert home.things("server").read(server.id) == server
    assert len(home.things("server").owned_by(app=home.app)) == 1


def test_a_control_plane_that_nobody_reaches_is_an_outage(world: World) -> None:
    cloud = world.open_where_nobody_answers(HURRY)
    with pytest.raises(CloudFailure) as failed:
        cloud.account()
    assert failed.value.classification.verdict is Verdict.OUTAGE
