"""When a bucket is kept: never for a site that does not reign, always for one that does."""

from collections.abc import Callable
from dataclasses import replace

from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.bucket.kind import BucketMoment
from liferaft.data.bucket.steps import KeepContinuously
from liferaft.data.parts import RestorePart
from liferaft.data.postgres.facts import Timeline
from liferaft.moves import deploy, failover
from liferaft.moves.inputs import DeployInputs
from liferaft.plan.plan import Plan

Before = Callable[[Plan, str], set[str]]

SECOND = replace(FAILOVER, epoch=3, from_epoch=2, facts={"postgres": Timeline(2)})


def test_a_deploy_keeps_each_bucket_once_the_database_is_set_up(
    config: Config, before: Before
) -> None:
    plan = deploy.plan(config, DeployInputs(site="east", epoch=1, reigns=True))
    (keeper,) = [step for step in plan.steps if step.name == "keeper-media"]
    assert keeper.sentence == "Keep bucket media in the vault continuously"
    assert keeper.action == KeepContinuously("media", 1)
    assert before(plan, "keeper-media") >= {"epoch", "servers", "equip-db-1", "database"}


def test_a_site_that_only_stands_by_keeps_nothing(config: Config) -> None:
    plan = deploy.plan(config, DeployInputs(site="north", epoch=1, reigns=False))
    assert not [step for step in plan.steps if isinstance(step.action, KeepContinuously)]


def test_a_failover_keeps_buckets_under_the_new_epoch_once_it_is_proven(
    config: Config, before: Before
) -> None:
    plan = failover.plan(config, SECOND)
    (keeper,) = [step for step in plan.steps if step.name == "keeper-media"]
    assert keeper.action == KeepContinuously("media", 3)
    assert before(plan, "keeper-media") >= {"fence", "promote", "prove"}


def test_a_failover_brings_back_what_was_kept_up_to_the_reign_that_ended(config: Config) -> None:
    plan = failover.plan(config, SECOND)
    (restore,) = [step for step in plan.steps if step.name == "bucket-media"]
    assert restore.action == RestorePart(
        "bucket", "media", "app-1", point_epoch=1, point="20261122T140000Z", old=2, epoch=3
    )


def test_an_application_without_a_bucket_has_no_keeper(config: Config) -> None:
    data = {name: kept for name, kept in config.data.items() if kept.kind != "bucket"}
    bare = config.model_copy(update={"data": data})
    for plan in (
        deploy.plan(bare, DeployInputs(site="east", epoch=1, reigns=True)),
        failover.plan(bare, SECOND),
    ):
        assert not [step.name for step in plan.steps if step.name.startswith("keeper-")]


def test_what_rows_name_is_brought_back_where_the_rows_are(config: Config) -> None:
    media = config.data["media"].model_copy(update={"references": ("select k, id from t",)})
    named = config.model_copy(update={"data": {**config.data, "media": media}})
    (restore,) = [s for s in failover.plan(named, SECOND).steps if s.name == "bucket-media"]
    assert isinstance(restore.action, RestorePart)
    assert restore.action.server == "db-1"


def test_a_failover_as_of_a_moment_brings_the_bucket_as_of_it(config: Config) -> None:
    until = "2026-11-22 14:29:00+00"
    facts = {**SECOND.facts, "bucket": BucketMoment(until)}
    plan = failover.plan(config, replace(SECOND, at=until, facts=facts))
    (restore,) = [step for step in plan.steps if step.name == "bucket-media"]
    assert isinstance(restore.action, RestorePart)
    assert restore.action.facts == {"until": until}
    assert restore.action.marker.endswith(until), "another moment is another restore"
    assert restore.sentence == f"Copy bucket media behind, from the vault, as of {until}"
