"""The doctor on a stage of real hosts and vendors: while all is well, and once a cloud ended."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.rehearsal.desk import Desk

from liferaft_sandbox.rehearsal.scene import set_scene
from liferaft_sandbox.sandboxes import Sandbox

PATIENT_SECONDS = 100.0
BOTH = ("vault main", "vault depot")
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(os.geteuid() != 0, reason="real hosts need root"),
]


@pytest.fixture
def desk(sandbox: Sandbox, project: Path, image: Path, tmp_path: Path) -> Desk:
    return Desk(sandbox.state.name, set_scene(project, image, tmp_path), tmp_path / "state")


def examined(desk: Desk) -> tuple[int, dict[tuple[str, str], list[dict[str, Any]]]]:
    """The exit code, and the answers by question and by whom it was asked."""
    code, said = desk.run("doctor", "hetzner", "--json")
    told = json.loads(said[said.index("{") :])
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in told["checks"]:
        rows.setdefault((one["name"], one["about"]), []).append(one)
    sys.stderr.write(said)
    assert "a defect" not in said
    assert "Traceback" not in said
    return code, rows


def test_all_that_answers_is_told_as_well_and_a_cloud_that_ended_as_suspended(
    sandbox: Sandbox, desk: Desk
) -> None:
    code, said = desk.run("deploy", "aws-east", "--yes")
    assert code == 0, said
    assert "The recovery point is taken" in said, said
    _, rows = examined(desk)
    well = [
        *(("account", "site aws-east"), ("account", "site hetzner")),
        *(("vault", "vault main"), ("vault", "vault depot")),
        *(("dns-vendor", "DNS vendor powerdns"), ("allowance", "site hetzner")),
        *(("operator", "site hetzner"), ("served", "site aws-east"), ("certificate", "chirp.test")),
        *(("server", "server db-1 of aws-east"), ("server", "server app-1 of aws-east")),
        *(("failover-plan", "site hetzner"), ("point-whole", "recovery points")),
        *(("bucket-keys", "site aws-east"), ("versions", "all records")),
        *(("exposure", "servers of aws-east"), ("archive", "the archive")),
    ]
    for key in well:
        worst = {one["severity"] for one in rows[key]}
        assert worst <= {"ok", "note"}, json.dumps(rows[key], indent=1)
    assert rows["point-verified", "recovery points"][0]["severity"] == "warning"
    assert rows["domain", "chirp.test"][0]["severity"] == "ok"
    (of_aws,) = rows["outage", "aws"]
    assert not of_aws["facts"]["are_users_served"]
    assert {tuple(left) for left in of_aws["facts"]["copies"].values()} == {BOTH}
    assert set(of_aws["facts"]["moves"]) == {"deploy", "snapshot"}
    sandbox.supervisor.terminate("aws")
    code, rows = examined(desk)
    assert code == 11
    (account,) = rows["account", "site aws-east"]
    assert account["severity"] == "critical"
    assert "suspended or closed" in account["finding"]
    (served,) = rows["served", "site aws-east"]
    assert served["severity"] == "critical"
    assert rows["account", "site hetzner"][0]["severity"] == "ok"
    assert rows["operator", "site hetzner"][0]["severity"] == "ok"
    sandbox.supervisor.kill("vault-objects")
    sandbox.supervisor.kill("powerdns")
    began = time.monotonic()
    code, rows = examined(desk)
    assert time.monotonic() - began < PATIENT_SECONDS, "nobody who is dead holds the others up"
    assert code == 11
    assert rows["vault", "vault main"][0]["severity"] == "warning"
    assert rows["vault", "vault depot"][0]["severity"] == "ok"
    assert rows["dns-vendor", "DNS vendor powerdns"][0]["severity"] == "critical"
    (alone,) = rows["outage", "depot.test"]
    assert alone["severity"] == "warning", "the other one is dead today"
    assert "failover hetzner" in alone["facts"]["moves"]
    assert rows["epoch", "all vaults"][0]["finding"].startswith("Epoch 1: aws-east reigns")
    assert rows["account", "site hetzner"][0]["severity"] == "ok"
    assert rows["allowance", "site hetzner"][0]["severity"] == "ok"
