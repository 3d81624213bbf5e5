"""Certificates by themselves: which step a configuration asks for, and that what Caddy renewed
since the last snapshot comes back: real hosts, rclone, PostgreSQL, OpenSSL."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.data.conftest import PATIENCE
from tests.data.postgres.test_schedule import OLD, put, put_program
from tests.data.postgres.test_trouble import RCLONE, postgres, sql
from tests.data.test_proofs import CADDY, MAKE
from tests.data.test_rclone_acts import SEAL, sealed
from tests.models.vault import VaultModel
from tests.moves.planned import FAILOVER

from liferaft.data.certificates import proof
from liferaft.data.certificates.dataset import Certificates, CertificatesInVaults
from liferaft.data.certificates.schedule import (
    SERVICE,
    TIMER,
    ScheduleCertificates,
    files,
    program,
)
from liferaft.data.certificates.schedule import put as put_keeper
from liferaft.data.postgres.schedule import SETTINGS as POINTS
from liferaft.data.proof import Trial
from liferaft.data.rclone import Sealed
from liferaft.edge.caddyfile import STORAGE
from liferaft.moves import deploy, failover, schedule
from liferaft.moves.inputs import DeployInputs, ScheduleInputs
from liferaft.recovery.point import RecoveryPoint
from liferaft.remote.markers import MARKERS
from liferaft.site.reach import VaultAccess
from liferaft.vault.checked import CheckedVault, headed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.data.conftest import Lab, LocalHost

    from liferaft.config import Config
    from liferaft.remote.contract import Host

INPUTS = ScheduleInputs(site="east", epoch=1, reigns=True)
VAULT = VaultAccess("main", "b", "s3.test", 443, "r", "the-key", "the-secret", prefix="chirp/")


@pytest.fixture
def daily(configured: Callable[..., Config]) -> Config:
    return configured(("[operators]", '[snapshots]\nevery = "1d"\n[operators]'))


def test_where_servers_take_points_the_server_of_caddy_keeps_its_certificates(
    config: Config, daily: Config
) -> None:
    begun = DeployInputs(site="east", epoch=1, reigns=True)
    for plan in (deploy.plan(daily, begun), failover.plan(daily, FAILOVER)):
        (step,) = (one for one in plan.steps if one.name == "certificates-schedule")
        assert step.needs == ("prove",)
        assert step.action == ScheduleCertificates("app-1", plan.epoch, keeps=True)
    for plan in (deploy.plan(config, begun), failover.plan(config, FAILOVER)):
        assert "certificates-schedule" not in {step.name for step in plan.steps}


def test_the_command_starts_it_and_stops_it(config: Config, daily: Config) -> None:
    for one, keeps in ((config, False), (daily, True)):
        actions = [step.action for step in schedule.plan(one, INPUTS).steps]
        assert ScheduleCertificates("app-1", 1, keeps=keeps) in actions


def test_no_key_stands_where_others_than_root_read(host: Host) -> None:
    for file in files(host, (Sealed(VAULT, SEAL),), 1):
        for secret in (VAULT.access_key, VAULT.secret_key, SEAL.password, SEAL.salt):
            assert secret.encode() not in file.content


@pytest.fixture
def host() -> Host:
    class Nowhere:
        address = "192.0.2.1"

    return Nowhere()  # type: ignore[return-value]  # files are made without a question to it


def test_the_program_runs_by_itself(tmp_path: Path) -> None:
    """One file, and nothing of liferaft beside it."""
    (tmp_path / "keeper").write_bytes(program())
    settings = {"epoch": 1, "folder": str(tmp_path / "none"), "note": "n", "state": "s"}
    (tmp_path / "settings").write_text(json.dumps({**settings, "vaults": []}))
    ran = subprocess.run(
        ["/usr/bin/python3", "-I", tmp_path / "keeper", tmp_path / "settings"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout) == (0, "Caddy has no certificate yet.\n")
    assert ran.stderr == ""


@pytest.mark.sandbox
@pytest.mark.timeout(600)
@pytest.mark.parametrize("lab", [("old", "new")], indirect=True)
async def test_a_certificate_that_was_renewed_after_the_snapshot_comes_back_of_a_servers_own_point(
    lab: Lab,
) -> None:
    old, new = lab.hosts["old"], lab.hosts["new"]
    database, seal = postgres(lab, old, 1), sealed(lab)
    certificates = CertificatesInVaults((Certificates(seal, STORAGE),))
    for host in (old, new):
        await host.text("id caddy >/dev/null 2>&1 || useradd -r caddy")
    await database.configure(old)
    await sql(old, "create table note (number bigint)")
    await old.text(MAKE % 20)
    parts = (
        await database.snapshot(old, epoch=1, marker=OLD),
        await certificates.snapshot(old, epoch=1, marker=OLD),
    )
    key = f"epoch-00000001/points/{OLD}.json"
    point = RecoveryPoint(OLD, "chirp", 1, "east", "2026", parts)
    await put(old, "epoch/00000001", headed("epoch/00000001", b"{}"))
    await put(old, key, headed(key, point.to_json()))
    await put_program(old)
    settings = json.loads(await old.get(POINTS))
    await old.put(POINTS, json.dumps({**settings, "beside": MARKERS}).encode(), mode=0o644)

    await old.text(MAKE % 90)  # Caddy renews
    renewed = await old.text(f"cat {CADDY}/chirp.crt")
    await put_keeper(old, (seal,), 1)
    await old.text(f"systemctl daemon-reload; systemctl enable --now {TIMER}")
    await old.text(f"systemctl start {SERVICE}", deadline=PATIENCE)
    said = await old.text(f"journalctl --no-pager -o cat -u {SERVICE}")
    assert "Certificates are kept." in said, said

    taken = await a_point_is_taken(old)
    part = taken.part("certificates", "certificates")
    assert part.taken_at > parts[1].taken_at
    await its_digests_are_those_of_the_vault(old, part.facts["stored"])
    trial = Trial(lab.vault, taken.name)
    assert (await proof.prove(old, part, SEAL, trial)).faults == ()
    old.kill()
    await certificates.restore(new, part, marker="run-2")
    await certificates.verify(new, part)
    assert await new.text(f"cat {CADDY}/chirp.crt") == renewed


async def a_point_is_taken(host: LocalHost) -> RecoveryPoint:
    said = await host.text(f"/usr/lib/liferaft/liferaft-points {POINTS}", deadline=PATIENCE)
    name = said.split()[2]
    assert said.strip() == f"Recovery point {name} was taken."
    key = f"epoch-00000001/points/{name}.json"
    stored = await host.run(f"{RCLONE} cat lab:chirp-vault/chirp/{key}")
    vault = VaultModel()
    vault.put(key, stored.stdout)
    return RecoveryPoint.from_json(CheckedVault(vault).get(key))


async def its_digests_are_those_of_the_vault(host: LocalHost, stored: dict[str, str]) -> None:
    assert len(stored) == 2
    for key, digest in stored.items():
        found = await host.text(f"{RCLONE} cat lab:chirp-vault/chirp/{key} | sha256sum")
        assert found.split()[0] == digest
