"""Points by themselves: which step a configuration asks for, and that hosts run the program."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from tests.data.cluster import CLUSTER, SYSTEM
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_damaged_wal import note
from tests.data.postgres.test_trouble import ARCHIVE, RCLONE, postgres, sql
from tests.models.vault import VaultModel
from tests.moves.planned import FAILOVER

from liferaft.data.postgres.layout import ETC
from liferaft.data.postgres.proof import SCRATCH
from liferaft.data.postgres.schedule import (
    PING,
    SETTINGS,
    TIMER,
    VERIFY_TIMER,
    SchedulePoints,
    program,
)
from liferaft.moves import deploy, failover, schedule
from liferaft.moves.inputs import DeployInputs, ScheduleInputs
from liferaft.recovery.point import RecoveryPoint
from liferaft.recovery.verified import verification_of
from liferaft.vault.checked import CheckedVault, headed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.data.conftest import Lab, LocalHost

    from liferaft.config import Config
    from liferaft.plan.step import Step
    from liferaft.recovery.part import Part
    from liferaft.site.world import World

INPUTS = ScheduleInputs(site="east", epoch=1, reigns=True)
OLD = "20261101T110000Z"


def of_the_database(config: Config) -> Step:
    steps = schedule.plan(config, INPUTS).steps
    return next(step for step in steps if step.name == "schedule")


@pytest.fixture
def daily(configured: Callable[..., Config]) -> Config:
    return configured(("[operators]", '[snapshots]\nevery = "1d"\n[operators]'))


def test_a_deploy_and_a_failover_set_it_up_where_it_is_asked_for_and_last_of_all(
    config: Config, daily: Config
) -> None:
    begun = DeployInputs(site="east", epoch=1, reigns=True)
    for plan in (deploy.plan(daily, begun), failover.plan(daily, FAILOVER)):
        (step,) = (one for one in plan.steps if one.name == "schedule")
        assert step.needs == ("prove",)
        assert isinstance(step.action, SchedulePoints)
        assert (step.action.every, step.action.site) == (86400.0, plan.site)
    for plan in (deploy.plan(config, begun), failover.plan(config, FAILOVER)):
        assert "schedule" not in {step.name for step in plan.steps}


def test_trials_of_points_are_a_timer_of_their_own_where_they_are_asked_for(
    configured: Callable[..., Config], world: World
) -> None:
    asked = '[snapshots]\nevery = "1d"\nverify_every = "7d"\n[operators]'
    step = of_the_database(configured(("[operators]", asked)))
    assert ", and try the newest where the last trial is 7 days" in step.sentence
    assert isinstance(step.action, SchedulePoints)
    assert step.action.timers == {TIMER: True, VERIFY_TIMER: True}
    told = {one.path: one.content for one in step.action.files(world)}
    assert f"/etc/systemd/system/{VERIFY_TIMER}" in told
    verify = json.loads(told[SETTINGS])["verify"]
    assert (verify["every"], verify["order"]["database"]) == (7 * 86400.0, "chirp")
    assert replace(step.action, every=None).timers == {TIMER: False, VERIFY_TIMER: False}


def test_without_an_interval_the_command_stops_it(config: Config, daily: Config) -> None:
    stops, starts = map(of_the_database, (config, daily))
    assert stops.sentence == "Take no recovery points by themselves"
    assert isinstance(stops.action, SchedulePoints)
    assert stops.action.every is None
    assert "1 day" in starts.sentence


def test_whom_points_are_told_to_lies_in_a_file_of_its_own_that_root_alone_reads(
    world: World,
) -> None:
    url = SecretStr("https://hc.example/the-checks-own-name")
    action = SchedulePoints("db", "north", "db-1", 86400.0, 604800.0, pings=True)
    assert "the-checks" not in repr(action)
    assert not [one for one in action.files(world) if one.path == PING], "it is not set"
    world.site.credentials = replace(world.site.credentials, ping_url=url)
    told = {one.path: one for one in action.files(world)}
    assert (told[PING].mode, told[PING].content) == (0o600, url.get_secret_value().encode())
    assert json.loads(told[SETTINGS].content)["ping"] == PING
    assert not [path for path, one in told.items() if path != PING and b"the-checks" in one.content]


def test_the_program_runs_by_itself(tmp_path: Path) -> None:
    """One file, and nothing of liferaft beside it: it says what it lacks, and ends."""
    (tmp_path / "liferaft-points").write_bytes(program())
    settings = {
        "site": "east",
        "data": "db",
        "every": 86400.0,
        "full_every": 604800.0,
        "backup_seconds": 60.0,
        "pgbackrest": str(tmp_path),
    }
    (tmp_path / "points.json").write_text(json.dumps(settings))
    ran = subprocess.run(
        ["/usr/bin/python3", "-I", tmp_path / "liferaft-points", tmp_path / "points.json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "This server archives nothing: it does not reign.\n"


async def put(host: LocalHost, key: str, body: bytes) -> None:
    await host.put("/tmp/object", body, mode=0o644)
    await host.text(f"{RCLONE} copyto /tmp/object lab:chirp-vault/chirp/{key}")


@pytest.mark.sandbox
@pytest.mark.timeout(900)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_point_that_a_server_took_by_itself_is_restored(lab: Lab) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    first, second = postgres(lab, old, 1), postgres(lab, new, 2, 1)
    await first.configure(old)
    await sql(old, "create table note (number bigint)")
    await note(old)
    part = await first.snapshot(old, epoch=1, marker=OLD)
    manifest = RecoveryPoint(OLD, "chirp", 1, "east", "2026", (part,)).to_json()
    key = f"epoch-00000001/points/{OLD}.json"
    await put(old, "epoch/00000001", headed("epoch/00000001", b"{}"))
    await put(old, key, headed(key, manifest))
    await put_program(old)
    await note(old)
    said = await old.text(f"/usr/lib/liferaft/liferaft-points {SETTINGS}", deadline=PATIENCE)
    name = said.split()[2]
    assert said.strip() == f"Recovery point {name} was taken."

    again = await old.text(f"/usr/lib/liferaft/liferaft-points {SETTINGS}", deadline=PATIENCE)
    assert again.strip() == f"Recovery point {name} is young enough."

    key = f"epoch-00000001/points/{name}.json"
    vault = VaultModel()
    stored = await old.run(f"{RCLONE} cat lab:chirp-vault/chirp/{key}")
    vault.put(key, stored.stdout)
    point = RecoveryPoint.from_json(CheckedVault(vault).get(key))
    taken = point.part("postgres", "db")
    label = taken.facts["labels"]["main"]
    assert label.startswith(f"{part.facts['labels']['main']}_"), "what changed since the full one"
    await it_is_restored(second, taken, old, new)
    await a_server_whose_reign_is_over_takes_none(old)


@pytest.mark.sandbox
@pytest.mark.timeout(900)
async def test_a_server_tries_its_newest_point_by_itself(lab: Lab, world: World) -> None:
    host = lab.hosts["one"]
    world.site.config = world.site.config.on(SYSTEM)
    first = postgres(lab, host, 1)
    await first.configure(host)
    await sql(host, "create table note (number bigint)")
    await note(host)
    part = await first.snapshot(host, epoch=1, marker=OLD)
    assert "digests" in part.facts, "nothing else writes there"
    manifest = RecoveryPoint(OLD, "chirp", 1, "east", "2026", (part,)).to_json()
    key = f"epoch-00000001/points/{OLD}.json"
    await put(host, "epoch/00000001", headed("epoch/00000001", b"{}"))
    await put(host, key, headed(key, manifest))
    action = SchedulePoints(
        *("db", "east", "db-1", 86400.0, 604800.0), verify_every=3600.0, database="chirp"
    )
    await host.text("mkdir -p /etc/liferaft /usr/lib/liferaft")
    for file in action.files(world):
        await host.put(file.path, file.content, mode=file.mode)
    living = await host.text(f"systemctl show -P MainPID {CLUSTER.unit}")

    last = await note(host)
    wait = f"until {RCLONE} lsf {ARCHIVE} | grep -q {last}; do sleep 0.3; done"
    await host.text(wait, deadline=PATIENCE)

    verify = f"/usr/lib/liferaft/liferaft-points {SETTINGS} verify"
    ran = await host.run(verify, deadline=PATIENCE, check=False)
    assert (ran.exit_code, ran.stderr) == (0, b""), ran.text
    key = f"epoch-00000001/verified/{OLD}.json"
    stored = await host.run(f"{RCLONE} cat lab:chirp-vault/chirp/{key}")
    vault = VaultModel()
    vault.put(key, stored.stdout)
    came = verification_of(CheckedVault(vault), 1, OLD).vaults["main"]
    assert came.faults == ()
    assert came.parts[0]["seconds"]["restore"] > 0
    assert len(came.parts[0]["unread"]) == 1, "every digest was compared"
    assert await host.text(f"systemctl show -P MainPID {CLUSTER.unit}") == living
    assert await host.text(f"ls -d {SCRATCH} 2>/dev/null || true") == ""
    await host.text("systemctl daemon-reload; systemctl start liferaft-verify")
    again = await host.text("journalctl --no-pager -o cat -u liferaft-verify")
    assert "which is young enough" in again

    await host.text(f"{RCLONE} deletefile lab:chirp-vault/chirp/{key}")
    folder = f"{ARCHIVE.rpartition('/archive/')[0]}/backup/main/{part.facts['labels']['main']}"
    await host.text(f"{RCLONE} deletefile {folder}/backup.manifest")
    await host.text(f"{RCLONE} deletefile {folder}/backup.manifest.copy")
    failed = await host.run(verify, deadline=PATIENCE, check=False)
    assert failed.exit_code == 1
    assert "DOES NOT COME BACK from vault main" in failed.stderr.decode()


async def put_program(host: LocalHost) -> None:
    settings = {
        "site": "east",
        "data": "db",
        "every": 3600.0,
        "full_every": 604800.0,
        "backup_seconds": 600.0,
        "pgbackrest": ETC,
    }
    await host.text("mkdir -p /etc/liferaft")
    await host.put(SETTINGS, json.dumps(settings).encode(), mode=0o644)
    await host.put("/usr/lib/liferaft/liferaft-points", program(), mode=0o755)


async def it_is_restored(second: object, taken: Part, old: LocalHost, new: LocalHost) -> None:
    from liferaft.data.postgres.dataset import Postgres

    assert isinstance(second, Postgres)
    last = await sql(old, "select pg_walfile_name(pg_switch_wal())")
    assert last
    await second.restore(new, taken, marker="run-new")
    await second.replay_to_end(new, deadline=PATIENCE)
    assert await sql(new, "select max(number) from note") == "2"


async def a_server_whose_reign_is_over_takes_none(host: LocalHost) -> None:
    await put(host, "epoch/00000002", headed("epoch/00000002", b"{}"))
    ran = await host.run(
        ["/usr/lib/liferaft/liferaft-points", SETTINGS], check=False, deadline=PATIENCE
    )
    assert ran.exit_code == 1
    assert b"epoch 00000002 reigns" in ran.stderr
