"""`status --check` and `--prometheus`, as watchers call them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.evidence.drills import play

from liferaft.data.exposure import Backlog
from liferaft.data.postgres.layout import archive_in_vault
from liferaft.evidence import loss
from liferaft.evidence.loss import DataLoss
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.vault import CheckedVault

Liferaft = Callable[..., Any]
OLD = "20251122T140000Z"


def has_point(vault: CheckedVault, name: str) -> None:
    part = Part("postgres", "db", 1, "2026", 1)
    publish(vault, RecoveryPoint(name, "chirp", 1, "east", "2026", (part,)))


def has_wal(vault: CheckedVault) -> None:
    wal = f"{archive_in_vault(1)}/{'0' * 16}/{'0' * 24}-{'a' * 40}.lz4"
    vault.raw.put(wal, b"wal")


@pytest.mark.usefixtures("east_reigns")
def test_all_is_well_is_one_line_and_nothing_else(
    liferaft: Liferaft, vault: CheckedVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def asked(_world: object) -> tuple[DataLoss, ...]:
        return (DataLoss("postgres", "db", (Backlog("main", 9.0, 300_000),)),)

    monkeypatch.setattr(loss, "asked", asked)
    has_point(vault, datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    has_wal(vault)
    vault.put("epoch-00000001/secrets.age", b"sealed")
    ran = liferaft("status", "--check")
    assert ran.out.startswith("LIFERAFT OK: east reigns; the newest point is ")
    assert ran.out.count("\n") == 1
    assert ran.code == 0


@pytest.mark.usefixtures("east_reigns")
def test_a_point_that_is_too_old_is_critical(liferaft: Liferaft, vault: CheckedVault) -> None:
    has_point(vault, OLD)
    has_wal(vault)
    ran = liferaft("status", "--check", "--point-age", "2d")
    assert ran.code == 2
    assert "(2 days at most)" in ran.out
    patient = liferaft("status", "--check", "--point-age", "9999d")
    assert patient.code < 2


def test_before_the_first_deploy_nothing_is_known(liferaft: Liferaft) -> None:
    ran = liferaft("status", "--check")
    assert (ran.code, ran.out) == (3, "LIFERAFT UNKNOWN: nothing reigns yet\n")


def test_a_configuration_that_cannot_be_read_is_unknown_and_not_silent(
    liferaft: Liferaft,
) -> None:
    ran = liferaft("status", "--check", "--config", "/nowhere/liferaft.toml")
    assert ran.code == 3
    assert ran.out.startswith("LIFERAFT UNKNOWN: There is no configuration")


@pytest.mark.usefixtures("east_reigns")
def test_prometheus_is_told_what_there_is(liferaft: Liferaft, vault: CheckedVault) -> None:
    has_point(vault, OLD)
    ran = liferaft("status", "--prometheus")
    assert ran.code == 0
    assert 'liferaft_epoch{app="chirp",site="east"} 1' in ran.out
    assert 'liferaft_point_timestamp_seconds{app="chirp",vault="main"} 1763820000' in ran.out


@pytest.mark.parametrize(
    "words",
    [
        ("--point-age", "2d"),
        ("--check", "--prometheus"),
        ("--check", "--json"),
        ("--prometheus", "--disk"),
        ("--check", "--point-age", "soon"),
        ("--check", "--archive-age", "0s"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(
    liferaft: Liferaft, words: tuple[str, ...]
) -> None:
    assert liferaft("status", *words).code == 2


WEEKLY = '\n[drill]\nevery = {north = "7d"}\n'


@pytest.mark.usefixtures("east_reigns")
def test_a_drill_that_is_overdue_is_a_warning_and_a_number_and_a_sentence(
    liferaft: Liferaft, vault: CheckedVault, folder: Path
) -> None:
    has_point(vault, datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"))
    has_wal(vault)
    with (folder / "liferaft.toml").open("a") as file:
        file.write(WEEKLY)
    began = datetime.now(UTC) - timedelta(days=9)
    play(vault, began)
    checked = liferaft("status", "--check")
    assert checked.code == 1
    assert "no drill of north has come back for" in checked.out
    assert re.search(r" drill_north=\d+s;\d+;;0\b", checked.out)
    told = liferaft("status", "--prometheus").out
    assert 'liferaft_drill_overdue{app="chirp",site="north",tried="application"} 1\n' in told
    labels = '{app="chirp",site="north",tried="application"}'
    moment = re.search(rf"liferaft_drill_timestamp_seconds{labels} (\S+)\n", told)
    assert moment
    assert float(moment[1]) == pytest.approx(began.timestamp(), abs=1)
    assert "Drill of north: OVERDUE since " in liferaft("status").out
    (drill,) = json.loads(liferaft("status", "--json").out)["drills"]
    assert (drill["site"], drill["is_overdue"]) == ("north", True)


@pytest.mark.usefixtures("east_reigns")
def test_an_overdue_drill_of_the_data_is_told_apart_from_whole_ones(
    liferaft: Liferaft, vault: CheckedVault, folder: Path
) -> None:
    with (folder / "liferaft.toml").open("a") as file:
        file.write(f'{WEEKLY}data_every = {{north = "1d"}}\n')
    play(vault, datetime.now(UTC) - timedelta(days=3))
    checked = liferaft("status", "--check").out
    assert "no drill of the data at north has come back for 3 days" in checked
    assert "no drill of north has" not in checked
    assert re.search(r" drill_north=\d+s;\d+;;0 data_drill_north=\d+s;\d+;;0\b", checked)
    overdue = 'liferaft_drill_overdue{app="chirp",site="north",tried='
    told = liferaft("status", "--prometheus").out
    assert f'{overdue}"application"}} 0\n' in told
    assert f'{overdue}"data"}} 1\n' in told
    rows = json.loads(liferaft("status", "--json").out)["drills"]
    assert [(one["data_only"], one["is_overdue"]) for one in rows] == [(False, False), (True, True)]


@pytest.mark.usefixtures("east_reigns")
def test_a_drill_that_is_young_enough_is_told_and_is_no_alarm(
    liferaft: Liferaft, vault: CheckedVault, folder: Path
) -> None:
    with (folder / "liferaft.toml").open("a") as file:
        file.write(WEEKLY)
    play(vault, datetime.now(UTC) - timedelta(days=6))
    assert "no drill of north" not in liferaft("status", "--check").out
    assert "Drill of north: one came back 6 days ago" in liferaft("status").out
