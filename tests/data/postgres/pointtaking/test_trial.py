"""A point is tried by the database's server itself: the scratch program is played by a script."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.data.postgres.pointtaking.server import NOW, OLD, POINTS, Server, manifest, server

from liferaft.data.postgres.digests import questions
from liferaft.data.postgres.pointtaking.finding import key_of_point
from liferaft.data.postgres.pointtaking.main import VERIFY, main
from liferaft.data.postgres.pointtaking.manifest import sealed
from liferaft.evidence.standing import _unproven
from liferaft.recovery.proved import proved_points
from liferaft.recovery.verified import VerifiedPoint, last_verified, verification_of
from liferaft.vault.layout import EpochKeys

__all__ = ["server"]
WELL: dict[str, Any] = {
    "seconds": {"restore": 3.0, "replay": 1.0},
    "tables": [{"table": "public.note", "percent": 100, "rows": 5, "digest": "7"}],
    "lsn": "0/B000050",
    "system_id": "77",
    "fault": "",
    "said": "",
    "code": 0,
}
SCRATCH = """#!/bin/bash
cat >"$1/order.json"
echo
[ -e "$1/answer" ] || { echo liferaft-postgres-restore.service; exit 75; }
cat "$1/answer"
"""
DIGESTS = {"lsn": "0/C0", "tables": {"public.note": {"percent": 40, "rows": 5, "digest": "7"}}}
Answers = Callable[..., None]


@pytest.fixture
def answers(server: Server) -> Answers:
    """Both vaults have the point of yesterday; let the scratch program find something."""
    script = server.folder / "bin" / "scratch"
    script.write_text(SCRATCH)
    script.chmod(0o755)
    verify = {
        "every": 86400.0,
        "argv": [str(script), str(server.folder)],
        "order": {"folder": "/scratch", "floor": 1, "keep": False},
        "questions": ["before\n", "after\n"],
        "growth": 1000,
        "seconds": 30.0,
    }
    told = {**json.loads(server.settings.read_text()), "verify": verify}
    server.settings.write_text(json.dumps(told))
    for vault in ("main", "second"):
        with (server.folder / "etc" / "push" / vault / "00000001.conf").open("a") as config:
            config.write("repo1-cipher-pass=the-passphrase\n")
    point(server)

    def found(**told: Any) -> None:
        (server.folder / "answer").write_text(json.dumps({**WELL, **told}))

    found()
    return found


def point(server: Server, **facts: Any) -> None:
    image, part = manifest().parts
    own = {**part.facts, "labels": {"main": "1F", "second": "2F"}, "timeline": 1, **facts}
    told = json.loads(replace(manifest(), parts=(image, replace(part, facts=own))).to_json())
    for name in ("main", "second"):
        key = f"{POINTS}/{OLD}.json"
        (server.root(name) / key).write_bytes(sealed(key, told))


def tries(server: Server, **later: float) -> int:
    return main([str(server.settings), VERIFY], lambda: NOW + timedelta(**later))


def order(server: Server) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((server.folder / "order.json").read_text())
    return told


def known(server: Server, vault: str = "main") -> VerifiedPoint:
    return verification_of(server.vault(vault), 1, OLD)


@pytest.mark.usefixtures("answers")
def test_what_came_of_it_is_read_by_the_commands_of_today_in_every_vault(server: Server) -> None:
    assert tries(server) == 0
    for vault in ("main", "second"):
        found = last_verified(server.vault(vault), 1)
        assert found is not None
        assert found.point == OLD
        (came,) = found.vaults.values()
        assert (came.where, came.faults) == ("east", ())
        assert "the database alone" in came.by
        (part,) = came.parts
        assert part["seconds"] == WELL["seconds"]
        assert "5 rows of 1 tables were read" in part["checked"][0]
        assert "`liferaft snapshot verify` tries them" in part["unread"][0]


@pytest.mark.usefixtures("answers")
def test_each_vault_has_its_turn_and_nothing_is_done_before_it_is_due(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tries(server) == 0
    first = next(iter(known(server).vaults))
    assert tries(server, minutes=30) == 0
    assert known(server).vaults.keys() == {"main", "second"}
    capsys.readouterr()
    assert tries(server, hours=1) == 0
    assert f"Vault {first} was tried at" in capsys.readouterr().out
    assert tries(server, hours=25) == 0
    again = known(server).vaults[first]
    assert datetime.fromisoformat(again.at) == NOW + timedelta(hours=25)


def test_the_copy_is_asked_what_an_operators_trial_asks(server: Server, answers: Answers) -> None:
    point(server, digests=DIGESTS)
    assert tries(server) == 0
    told = order(server)
    vault = Path(told["config"]).parent.name
    assert (told["label"], told["lsn"]) == ({"main": "1F", "second": "2F"}[vault], "0/C0")
    assert told["need"] == int(1.1) + 1000
    own = questions(key_of_point("the-passphrase", OLD), {"public.note": 40})
    middle = own[own.index("\\set key") : own.index("\n", own.index("\\set percents"))]
    assert told["questions"] == f"before\n{middle}\nafter\n"
    answers(tables=[{"table": "public.note", "percent": 40, "rows": 4, "digest": "7"}])
    assert tries(server, minutes=1) == 1
    (fault,) = [fault for one in known(server).vaults.values() for fault in one.faults]
    assert "table public.note has 4 rows of 5" in fault


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"fault": "restore", "code": 29}, "its backup is damaged"),
        ({"fault": "pages", "code": 1}, "pages of it do not have their checksums"),
        ({"system_id": "78"}, "it is another cluster's backup"),
    ],
)
def test_damage_is_noted_and_told_and_proves_nothing(
    server: Server,
    answers: Answers,
    capsys: pytest.CaptureFixture[str],
    told: dict[str, Any],
    said: str,
) -> None:
    answers(**told)
    assert tries(server) == 1
    assert f"NOT VERIFIED: {OLD} DOES NOT COME BACK from vault" in capsys.readouterr().err
    vault = server.vault("main")
    assert not proved_points(vault, 1)
    (fault,) = _unproven(vault, manifest())
    assert said in fault


@pytest.mark.parametrize(
    "told",
    [
        {"fault": "space", "said": "3 bytes are free"},
        {"fault": "program", "said": "pg_amcheck is not on this server"},
        {"fault": "killed", "said": "terminated by signal 9"},
        {"fault": "restore", "code": 49},
        {"fault": "replay", "said": "[HostConnectError]", "code": 1},
        None,
    ],
    ids=["no room", "no program", "no memory", "no answer", "no WAL", "a failover goes first"],
)
def test_what_keeps_a_trial_from_its_end_is_no_finding_and_is_tried_again(
    server: Server, answers: Answers, told: dict[str, Any] | None
) -> None:
    if told is None:
        (server.folder / "answer").unlink()
    else:
        answers(**told)
    assert tries(server) == 1
    assert not known(server).vaults
    answers()
    assert tries(server, minutes=1) == 0


@pytest.mark.usefixtures("answers")
def test_a_dead_vault_keeps_no_other_from_being_tried(server: Server) -> None:
    (server.root("main") / "dead").touch()
    assert tries(server) == 0
    assert known(server, "second").vaults.keys() == {"second"}


@pytest.mark.usefixtures("answers")
def test_a_vault_whose_trials_come_to_no_end_takes_the_turn_of_no_other(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    point(server, labels={"second": "2F"})
    for day in range(2):
        assert tries(server, days=day) == 1
        said = capsys.readouterr().err
        assert "vault main has no backup of recovery point" in said
        assert f"Recovery point {OLD} came back from vault second" in said
    (came,) = known(server).vaults.values()
    assert datetime.fromisoformat(came.at) == NOW + timedelta(days=1)


def test_what_this_server_lacks_is_not_tried_with_one_vault_after_the_other(
    server: Server, answers: Answers
) -> None:
    (server.folder / "bin" / "scratch").write_text(SCRATCH + 'echo >>"$1/tried"\n')
    answers(fault="space", said="3 bytes are free")
    assert tries(server) == 1
    assert (server.folder / "tried").read_text() == "\n"


@pytest.mark.usefixtures("answers")
def test_a_record_that_cannot_be_read_is_no_proof(server: Server) -> None:
    for name in ("main", "second"):
        path = server.root(name) / EpochKeys(1).verified(OLD)
        path.parent.mkdir()
        path.write_bytes(b"torn")
    assert tries(server) == 0
    assert len(known(server).vaults) == 1


@pytest.mark.usefixtures("answers")
def test_a_server_whose_reign_is_over_tries_nothing(server: Server) -> None:
    (server.root("second") / "epoch" / "00000002").write_text("north")
    assert tries(server) == 1
    assert not (server.folder / "order.json").exists()


def test_without_being_told_to_it_tries_nothing(server: Server) -> None:
    assert tries(server) == 0


@pytest.mark.usefixtures("answers")
def test_a_vault_that_forgets_the_record_is_told(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    (server.root("second") / "forgets").touch()
    assert tries(server) == 1
    assert "is not noted everywhere: vault second took" in capsys.readouterr().err
    assert known(server).vaults, "the other has it"
