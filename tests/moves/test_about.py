"""A session notes of itself what a reader of its report cannot know later, and no secret."""

import json
from collections.abc import Callable
from importlib.metadata import version

from liferaft.clouds.systems import DEFAULT_SYSTEM
from liferaft.config import Config
from liferaft.journal.process import Process
from liferaft.moves import deploy
from liferaft.moves.about import about_session
from liferaft.moves.inputs import DeployInputs
from liferaft.vault import Vault

REIGNS = DeployInputs(site="east", epoch=1, reigns=True)
STANDS_BY = DeployInputs(site="north", epoch=1, reigns=False)


def test_it_says_who_worked_with_which_versions_for_which_users(
    config: Config, vault: Vault
) -> None:
    told = about_session(deploy.plan(config, REIGNS), config, vault)
    assert (told["app"], told["domain"], told["ttl"]) == ("chirp", "www.chirp.test", config.dns.ttl)
    assert told["by"] == Process.this().who
    assert told["versions"]["liferaft"] == version("liferaft")
    assert told["versions"]["servers"] == DEFAULT_SYSTEM
    assert json.loads(json.dumps(told)) == told


def test_targets_are_those_of_the_day_on_which_the_run_began(
    configured: Callable[..., Config], vault: Vault
) -> None:
    targets = "[targets]\nrto = '15m'\nrpo = '30s'\n\n[tls]"
    config = configured(("[tls]", targets))
    told = about_session(deploy.plan(config, REIGNS), config, vault)
    assert told["targets"] == {"rto": 900.0, "rpo": 30.0}


def test_it_has_the_sentence_of_each_step_in_the_order_of_the_plan(
    config: Config, vault: Vault
) -> None:
    plan = deploy.plan(config, REIGNS)
    steps = about_session(plan, config, vault)["steps"]
    assert [one["name"] for one in steps] == [step.name for step in plan.order()]
    assert all(one["sentence"] for one in steps)


def test_what_a_standby_costs_is_noted_and_of_what_reigns_nothing(
    config: Config, vault: Vault
) -> None:
    standby = about_session(deploy.plan(config, STANDS_BY), config, vault)
    assert "Standing by, north costs" in standby["costs"]["sentence"]
    assert "costs" not in about_session(deploy.plan(config, REIGNS), config, vault)
