"""How jobs of a schedule went: what their servers say, and what of it is an alarm."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from liferaft.config.jobs import JobConfig
from liferaft.evidence.jobs import JobSeen, failing, jobs_seen, unasked
from liferaft.evidence.standing import Standing
from liferaft.evidence.watch import Watched
from liferaft.evidence.watching import prometheus
from liferaft.remote import Unreachable
from liferaft.remote.contract import Completed
from liferaft.site.world import World

NOW = datetime(2026, 11, 29, 12, 1, tzinfo=UTC)
SINCE = datetime(2026, 11, 22, 14, tzinfo=UTC)
CLEAR = JobConfig(schedule="0 3 * * *", service="web")


class Server:
    """It says what systemd and the job's own note say."""

    def __init__(self, timer: str, service: str, **noted: str) -> None:
        noted = {"began": noted.get("ended", ""), "why": "", "said": "", **noted}
        note = json.dumps(noted) if "outcome" in noted else ""
        self._said = f"{timer}\n{service}\n{note}"

    async def run(self, script: str) -> Completed:
        assert "liferaft-job-clear.timer" in script
        return Completed(0, self._said.encode(), b"")


async def seen(
    world: World, monkeypatch: pytest.MonkeyPatch, server: Server, since: datetime = SINCE
) -> JobSeen:
    async def host(_: str) -> Any:
        return server

    monkeypatch.setattr(world.servers, "host", host)
    world.site.config = world.site.config.model_copy(update={"jobs": {"clear": CLEAR}})
    (one,) = await jobs_seen(world, NOW, since)
    return one


async def test_a_job_that_went_well_is_told_with_its_last_and_its_next_run_and_is_no_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server("active", "inactive", outcome="well", ended="2026-11-29T03:00:20+00:00")
    one = await seen(world, monkeypatch, server)
    assert one.sentence == (
        "clear on app-1: went well at 2026-11-29T03:00:20+00:00; next at 2026-11-30T03:00:00+00:00"
    )
    assert not list(failing([one]))


@pytest.mark.parametrize(
    ("server", "said"),
    [
        (
            Server(
                *("active", "failed"),
                outcome="failed",
                ended="2026-11-29T03:01:00+00:00",
                why="ended with exit code 3",
            ),
            "failed at 2026-11-29T03:01:00+00:00: ended with exit code 3",
        ),
        (
            Server("active", "inactive", outcome="well", ended="2026-11-28T03:00:20+00:00"),
            "it was to begin at 2026-11-29T03:00:00+00:00, and did not",
        ),
        (Server("active", "inactive"), "it was to begin at 2026-11-29T03:00:00+00:00"),
        (Server("inactive", "inactive"), "its timer does not run"),
    ],
)
async def test_a_job_that_failed_or_was_missed_is_an_alarm(
    world: World, monkeypatch: pytest.MonkeyPatch, server: Server, said: str
) -> None:
    (alarm,) = failing([await seen(world, monkeypatch, server)])
    assert alarm.said.startswith(f"job clear: {said}")


async def test_prometheus_is_told_whether_a_job_is_well_and_when_it_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Server("active", "inactive", outcome="failed", ended="2026-11-29T03:00:20+00:00")
    one = await seen(world, monkeypatch, server)
    standing = Standing(1, "east", "2026-11-22T14:00:00Z", None, None, ())
    text = prometheus(Watched("chirp", NOW, standing, ()), jobs=[one])
    ended = datetime.fromisoformat("2026-11-29T03:00:20+00:00").timestamp()
    assert 'liferaft_job_well{app="chirp",job="clear"} 0' in text
    assert f'liferaft_job_ended_timestamp_seconds{{app="chirp",job="clear"}} {ended:.0f}' in text


async def test_one_that_still_runs_or_whose_time_was_before_this_reign_was_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = Server("active", "activating", outcome="well", ended="2026-11-28T03:00:20+00:00")
    one = await seen(world, monkeypatch, still)
    assert "runs now" in one.sentence
    assert not list(failing([one]))
    new = await seen(world, monkeypatch, Server("active", "inactive"), NOW)
    assert "it has not run yet" in new.sentence
    assert not list(failing([new]))


async def test_a_server_that_says_nothing_is_an_alarm_and_never_a_job_that_is_well(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def host(_: str) -> Any:
        raise Unreachable("no answer from app-1.")

    monkeypatch.setattr(world.servers, "host", host)
    world.site.config = world.site.config.model_copy(update={"jobs": {"clear": CLEAR}})
    for (one,) in (await jobs_seen(world, NOW, SINCE), unasked(world.site.config, NOW, "no key")):
        assert "how it went is not known" in one.sentence
        assert len(list(failing([one]))) == 1
