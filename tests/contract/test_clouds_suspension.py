"""Telling a termination from an outage, by what the provider says: bytes through its own SDK."""

import pytest
from tests.contract.home import HURRY, Home
from tests.contract.worlds.world import World

from liferaft.clouds.classification import CloudFailure, Verdict

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(300)]  # real control planes on loopback


def test_a_suspended_account_is_told_by_the_providers_own_words(world: World, home: Home) -> None:
    world.suspend()
    with pytest.raises(CloudFailure) as failed:
        home.things("server").owned_by(app=home.app)
    meaning = failed.value.classification
    assert (meaning.verdict, meaning.code) == (world.suspended.verdict, world.suspended.code)
    assert any(meaning.evidence.values())
    assert failed.value.facts.details["verdict"] == meaning.verdict.value
    assert failed.value.facts.details["code"] == meaning.code


def test_every_known_answer_to_a_whole_account_has_its_verdict(world: World, home: Home) -> None:
    for said in world.answers:
        world.mend()
        world.answer(said)
        with pytest.raises(CloudFailure) as failed:
            home.things(said.kind).owned_by(app=home.app)
        meaning = failed.value.classification
        assert said.source
        assert (said.code, meaning.code, meaning.verdict) == (said.code, said.code, said.verdict)


def test_a_suspension_is_not_asked_about_again(world: World, home: Home) -> None:
    world.suspend()
    with pytest.raises(CloudFailure) as failed:
        home.cloud.account()
    assert failed.value.classification.verdict in (Verdict.TERMINAL, Verdict.AMBIGUOUS)


def test_after_a_reinstatement_everything_is_still_there(world: World, home: Home) -> None:
    server = home.create("server")
    world.suspend()
    with pytest.raises(CloudFailure):
        home.things("server").read(server.id)
    world.mend()
    assert home.things("server").read(server.id) == server


def test_wrong_credentials_are_ambiguous(world: World) -> None:
    cloud = world.open_with_wrong_credentials(HURRY)
    with pytest.raises(CloudFailure) as failed:
        cloud.account()
    assert failed.value.classification.verdict is Verdict.AMBIGUOUS
    assert "Check the credentials first" in failed.value.facts.do


def test_no_secret_is_shown(world: World, home: Home) -> None:
    world.suspend()
    with pytest.raises(CloudFailure) as failed:
        home.cloud.account()
    shown = f"{failed.value.facts!r} {failed.value!r} {home.cloud!r} {vars(home.cloud)!r}"
    for secret in world.secrets:
        assert secret not in shown
