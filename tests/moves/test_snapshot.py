"""The plan of a snapshot: parts side by side, the manifest after all of them."""

from collections.abc import Callable
from dataclasses import replace

from liferaft.config import Config
from liferaft.moves import snapshot
from liferaft.moves.inputs import SnapshotInputs
from liferaft.plan.plan import Plan

INPUTS = SnapshotInputs(site="east", epoch=1, reigns=True, point="20261122T140000Z")
PARTS = {"blueprint", "database", "bucket-media", "certificates", "images", "secrets", "state"}


def test_everything_that_a_site_needs_to_come_back_is_a_part(config: Config) -> None:
    plan = snapshot.plan(config, INPUTS)
    assert {step.name for step in plan.steps} == PARTS | {"publish"}


def test_parts_are_taken_side_by_side(config: Config) -> None:
    plan = snapshot.plan(config, INPUTS)
    assert {step.name for step in plan.levels()[0]} == PARTS


def test_the_manifest_is_written_last(
    config: Config, before: Callable[[Plan, str], set[str]]
) -> None:
    assert before(snapshot.plan(config, INPUTS), "publish") == PARTS


def test_without_a_bucket_none_is_kept(configured: Callable[..., Config]) -> None:
    plain = configured(('[data.media]\nkind = "bucket"\n', ""))
    assert "bucket-media" not in {step.name for step in snapshot.plan(plain, INPUTS).steps}


def test_another_moment_is_another_plan(config: Config) -> None:
    later = replace(INPUTS, point="20261122T150000Z")
    assert snapshot.plan(config, INPUTS).digest() != snapshot.plan(config, later).digest()
    assert snapshot.plan(config, INPUTS).digest() == snapshot.plan(config, replace(INPUTS)).digest()


def test_a_person_reads_which_point_will_count(config: Config) -> None:
    publish = snapshot.plan(config, INPUTS).order()[-1]
    assert publish.sentence == "Write the manifest: recovery point 20261122T140000Z counts"
