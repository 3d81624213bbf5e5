"""What a failover's plan knows of the database, from names in the vault alone."""

from dataclasses import replace

import pytest
from tests.application import *  # noqa: F403 - what a test asks for by its name
from tests.moves.planned import FAILOVER

from liferaft.config import Config
from liferaft.data.postgres.facts import Timeline
from liferaft.data.postgres.kind import POSTGRES
from liferaft.data.postgres.layout import archive_in_vault
from liferaft.data.postgres.timeline import keep_timeline
from liferaft.data.postgres.wal import Segment
from liferaft.moves import failover
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint
from liferaft.vault import CheckedVault

AT = "2026-11-22T14:00:00Z"


def hold(vault: CheckedVault, epoch: int, *segments: Segment) -> None:
    for one in segments:
        key = f"{archive_in_vault(epoch)}/{one.name[:16]}/{one.name}-{'0' * 40}.lz4"
        vault.raw.put(key, b"x")


def point(**facts: str) -> RecoveryPoint:
    part = Part("postgres", "db", 1, AT, 1, facts)
    return RecoveryPoint("20261122T140000Z", "chirp", 1, "east", AT, (part,))


@pytest.mark.parametrize(("epoch", "newest", "expected"), [(1, 300, 290), (2, 700, 690), (2, 3, 0)])
async def test_the_segments_of_a_replay_are_counted_across_folders_and_reigns(
    config: Config, vault: CheckedVault, epoch: int, newest: int, expected: int
) -> None:
    await keep_timeline(vault, epoch, epoch)
    hold(vault, epoch, Segment(epoch, 2), Segment(epoch, newest))
    vault.raw.put(f"{archive_in_vault(epoch)}/00000002.history", b"x")
    found = POSTGRES.read_facts(config, vault, epoch, point(archive_stop=Segment(1, 10).name))
    assert found == Timeline(epoch, expected)
    assert Timeline.from_json(found.to_json()) == found


async def test_an_archive_or_a_point_that_says_nothing_of_it_stops_no_failover(
    config: Config, vault: CheckedVault
) -> None:
    await keep_timeline(vault, 1, 1)
    ended = point(archive_stop=Segment(1, 10).name)
    assert POSTGRES.read_facts(config, vault, 1, ended) == Timeline(1, 0)
    hold(vault, 1, Segment(1, 300))
    assert POSTGRES.read_facts(config, vault, 1, point()) == Timeline(1, 0)


def test_a_run_of_an_earlier_version_has_a_timeline_and_no_count() -> None:
    assert Timeline.from_json({"timeline": 3}) == Timeline(3, 0)


def test_a_replay_of_a_week_may_take_longer_than_one_of_a_day(config: Config) -> None:
    def deadline(segments: int) -> float:
        facts = {**FAILOVER.facts, "postgres": Timeline(1, segments)}
        plan = failover.plan(config, replace(FAILOVER, facts=facts))
        (step,) = (one for one in plan.steps if one.name == "replay")
        return step.deadline

    assert deadline(7 * 8640) - deadline(8640) >= 6 * 8640


def test_a_plan_says_without_which_vault_the_restore_is_made(config: Config) -> None:
    both = config.model_copy(
        update={"vaults": dict.fromkeys(("main", "other"), config.vaults["main"])}
    )

    def restore(*wal_from: str) -> str:
        facts = {**FAILOVER.facts, "postgres": Timeline(1, 0, wal_from)}
        plan = failover.plan(both, replace(FAILOVER, facts=facts))
        return next(step.sentence for step in plan.steps if step.name == "restore")

    assert restore("other").endswith(", without vault main, which does not answer")
    assert restore("main", "other") == restore()
    assert "without" not in restore()
