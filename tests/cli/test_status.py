"""The commands that only read: status, snapshot list."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

import pytest

from liferaft.data.exposure import Backlog
from liferaft.evidence import loss as loss_room
from liferaft.evidence.loss import DataLoss
from liferaft.journal import Event, RunName
from liferaft.moves import holdings as room
from liferaft.moves.holdings import CloudHolding, Holdings
from liferaft.recovery.part import Part
from liferaft.recovery.point import RecoveryPoint, publish
from liferaft.recovery.verified import Verification, note_verification
from liferaft.site import world as world_room
from liferaft.site.servers import Servers
from liferaft.vault import EpochChain, EpochRecord, Vault
from liferaft.vault.tried import VaultFinding
from liferaft_cli import looking, opening

Liferaft = Callable[..., Any]
AT = "2026-11-22T14:00:00.000Z"


@pytest.fixture
def run(vault: Vault) -> RunName:
    """A failover that has not ended."""
    name = RunName(2, "20261122T140000000Z-aa")
    inputs = {"site": "north", "epoch": 2, "reigns": True}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("run-started", {"move": "failover", "site": "north", "inputs": inputs, "digest": "d"}),
        ("step-started", {"step": "reserve", "needs": []}),
        ("step-done", {"step": "reserve"}),
    ]
    for seq, (kind, facts) in enumerate(rows, 1):
        vault.create(name.key(seq), Event(seq, kind, AT, "s", float(seq), facts).to_json())
    return name


@pytest.fixture
def point(vault: Vault) -> str:
    part = Part("postgres", "db", 1, AT, 4096)
    publish(vault, RecoveryPoint("20261122T140000Z", "chirp", 1, "east", AT, (part,)))
    return "20261122T140000Z"


def test_before_the_first_deploy_status_says_so(liferaft: Liferaft) -> None:
    ran = liferaft("status")
    assert ran.code == 0
    first, advice = ran.out.splitlines()
    assert first == "Nothing reigns yet: the application was never deployed."
    assert advice == "Now: Begin with `liferaft deploy` of the primary."
    assert json.loads(liferaft("status", "--json").out)["epoch"] is None


@pytest.mark.usefixtures("east_reigns")
def test_status_says_who_reigns_and_what_is_unfinished(
    liferaft: Liferaft, run: RunName, point: str
) -> None:
    lines = liferaft("status").out.splitlines()
    assert lines[0].startswith("Epoch 1: east reigns since 2026-11-22")
    assert lines[1].startswith("If aws ends us now: we lose AN UNKNOWN PART of db, ")
    assert lines[2].startswith("NOT KNOWN: What the servers have of db and media and no vault has:")
    assert lines[3] == f"Newest recovery point: {point}."
    assert lines[4].startswith("Data is safe until: not yet")
    assert lines[5].startswith("Last verified: no recovery point of this reign")
    assert lines[6] == f"Unfinished: {run}"
    assert lines[7] == "Now: Go on with what was not finished: `liferaft failover north`."
    told = json.loads(liferaft("status", "--json").out)
    assert (told["site"], told["newest_point"], told["unfinished"]) == ("east", point, [str(run)])


@pytest.mark.usefixtures("east_reigns")
def test_stores_are_asked_of_themselves_while_their_records_are_looked_at(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes seconds over a slow line, and neither waits for the other."""
    met, look, ask = threading.Barrier(2, timeout=20.0), looking.look, opening.vault_findings

    def looks(opened: opening.Opened) -> looking.Looked:
        met.wait()
        return look(opened)

    def asks(opened: opening.Opened) -> tuple[VaultFinding, ...]:
        met.wait()
        return (*ask(opened), VaultFinding("main", "it keeps nothing", "Take another."))

    monkeypatch.setattr(looking, "look", looks)
    monkeypatch.setattr(opening, "vault_findings", asks)
    ran = liferaft("status")
    assert ran.code == 0, ran.err
    assert "Vault main: it keeps nothing. Take another." in ran.out


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the servers of the site say something."""

    def say(*data: DataLoss) -> None:
        async def asked(_world: object) -> tuple[DataLoss, ...]:
            return data

        monkeypatch.setattr(loss_room, "asked", asked)

    return say


@pytest.mark.usefixtures("east_reigns", "point")
def test_what_would_be_lost_is_one_sentence_and_the_same_for_machines(
    liferaft: Liferaft, said: Callable[..., None]
) -> None:
    said(
        DataLoss("postgres", "db", (Backlog("main", 9.4, 300_000),)),
        DataLoss("bucket", "media", (Backlog("main", 4.0, 2_000_000, 3),)),
    )
    line = liferaft("status").out.splitlines()[1]
    assert line == (
        "If aws ends us now: we lose about 9 s (0.3 MB) of db, about 4 s (3 objects "
        "known, 2.0 MB) of media, and how long it takes to be back was not measured yet (all but "
        "the data, the restore)."
    )
    told = json.loads(liferaft("status", "--json").out)["loss"]
    assert told["provider"] == "aws"
    assert [(one["seconds"], one["objects"]) for one in told["data"]] == [(9.4, None), (4.0, 3)]
    assert told["back"]["seconds"] is None
    metrics = liferaft("status", "--prometheus").out
    assert 'liferaft_lost_seconds{app="chirp",data="db"} 9.4' in metrics
    assert 'liferaft_lost_objects{app="chirp",data="media"} 3' in metrics
    assert "liferaft_back_seconds{" not in metrics
    assert line.removesuffix(".") in liferaft("status", "--check").out


@pytest.mark.usefixtures("east_reigns", "point")
def test_a_server_that_says_nothing_is_told_to_every_reader(
    liferaft: Liferaft, said: Callable[..., None]
) -> None:
    said(DataLoss("postgres", "db", trouble="its server at east did not answer within 8 s"))
    assert "NOT KNOWN: What the servers have of db and no vault has: its server at east did" in (
        liferaft("status").out
    )
    (told,) = json.loads(liferaft("status", "--json").out)["loss"]["data"]
    assert (told["seconds"], told["bytes"]) == (None, None)
    metrics = liferaft("status", "--prometheus").out
    assert 'liferaft_exposure_known{app="chirp",data="db"} 0' in metrics
    assert "liferaft_lost_seconds{" not in metrics
    line = liferaft("status", "--check").out
    assert "what would be lost is not known: its server at east did not answer" in line
    assert "lost_db=" not in line


@pytest.mark.usefixtures("east_reigns")
def test_a_server_that_never_answers_holds_status_up_for_seconds_only(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(Servers):
        async def host(self, server: str) -> NoReturn:
            await asyncio.sleep(3600)
            raise AssertionError

    monkeypatch.setattr(world_room, "Servers", Hanging)
    monkeypatch.setattr(loss_room.asked, "__defaults__", (0.2,))
    began = time.monotonic()
    out = liferaft("status").out
    assert "db and media and no vault has: its server at east did not answer within 0 s" in out
    assert time.monotonic() - began < 30


def test_a_site_that_the_configuration_has_no_more_is_told_all_the_same(
    liferaft: Liferaft, vault: Vault
) -> None:
    """Whoever has taken what is gone out of liferaft.toml asks where he stands first."""
    EpochChain(vault).claim(EpochRecord(1, "taken-out", "run-1", AT))
    for words in (("status",), ("status", "--check"), ("status", "--prometheus")):
        ran = liferaft(*words)
        assert "Traceback" not in ran.err
        assert "taken-out" in ran.out
    told = json.loads(liferaft("status", "--json").out)
    assert told["loss"]["provider"] == "the provider of taken-out"
    assert {one["seconds"] for one in told["loss"]["data"]} == {None}


@pytest.mark.usefixtures("east_reigns")
def test_points_past_the_policy_are_told_as_due_and_nobody_prunes_them_meanwhile(
    liferaft: Liferaft, vault: Vault
) -> None:
    for minute in range(20, 40):
        publish(vault, RecoveryPoint(f"20261122T14{minute}00Z", "chirp", 1, "east", AT, ()))
    said = liferaft("status").out
    assert "Now: Recovery points past `keep` are due to go, 19 of vault main: `liferaft" in said
    (seen,) = json.loads(liferaft("status", "--json").out)["seen"]
    assert seen["past"] == 19
    metrics = liferaft("status", "--prometheus").out
    assert 'liferaft_points_past_policy{app="chirp",vault="main"} 19' in metrics


def test_before_the_first_deploy_there_is_no_disk_to_ask_about(liferaft: Liferaft) -> None:
    assert json.loads(liferaft("status", "--disk", "--json").out)["disk"] is None


@pytest.mark.usefixtures("east_reigns")
def test_a_database_server_that_cannot_be_asked_for_its_disk_hides_nothing_else(
    liferaft: Liferaft,
) -> None:
    ran = liferaft("status", "--disk")
    assert ran.code == 0
    assert ran.out.startswith("Epoch 1: east reigns")
    assert "Disk of the database on db-1: NOT KNOWN" in ran.out


@pytest.mark.usefixtures("east_reigns")
def test_recovery_points_are_listed(liferaft: Liferaft, point: str) -> None:
    listed = liferaft("snapshot", "list").out
    assert listed == f"{point}  epoch 1  east  4096 bytes\n  never verified\n"
    assert json.loads(liferaft("snapshot", "list", "--json").out) == [
        {"name": point, "epoch": 1, "site": "east", "taken_at": AT, "bytes": 4096, "verified": {}}
    ]


@pytest.mark.usefixtures("east_reigns")
def test_what_was_verified_and_what_does_not_come_back_is_told(
    liferaft: Liferaft, vault: Vault, point: str
) -> None:
    came = Verification(AT, "liferaft 1", "east", 41.6, False, ({"kind": "postgres"},))
    note_verification(vault, 1, point, "main", came)
    assert f"verified from vault main at {AT}, in 42 s" in liferaft("snapshot", "list").out
    assert f"Last verified: {point}, at {AT}: back in 42 s." in liferaft("status").out
    note_verification(vault, 1, point, "main", replace(came, faults=("The database is torn.",)))
    assert "DOES NOT COME BACK from vault main" in liferaft("snapshot", "list").out
    told = liferaft("status").out
    assert "Last verified: no recovery point of this reign" in told
    assert f"DAMAGED: Recovery point {point}, tried from vault main" in told
    assert "The database is torn." in told


@pytest.mark.usefixtures("east_reigns")
def test_a_reign_without_recovery_points_says_so(liferaft: Liferaft) -> None:
    assert "no recovery point of this reign yet" in liferaft("snapshot", "list").out
    assert json.loads(liferaft("snapshot", "list", "--json").out) == []


@pytest.mark.parametrize("token", ["geheim\n", "geheim☃"])
def test_a_token_that_no_header_takes_is_told_by_name_and_not_shown_by_an_sdk(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("HCLOUD_TOKEN", token)
    ran = liferaft("status", "--cloud", "--site", "north")
    assert ran.code == 3
    assert "HCLOUD_TOKEN cannot be used" in ran.err
    assert "geheim" not in ran.out + ran.err


def test_a_state_is_looked_at_whatever_the_token_of_its_cloud_is(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HCLOUD_TOKEN", "token\n")
    assert liferaft("state").code == 0


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize(
    ("site", "run", "said"),
    [
        ("east", None, "takes over what it needs"),
        ("north", None, "Leftovers go with `liferaft destroy north`"),
        ("north", "run-2", "Run run-2 has not ended"),
    ],
)
def test_what_is_needed_is_not_advised_to_be_destroyed(
    liferaft: Liferaft, monkeypatch: pytest.MonkeyPatch, site: str, run: str | None, said: str
) -> None:
    async def found(*_: object) -> Holdings:
        thing = CloudHolding("server", "id-1", "chirp-app-1", "1", known=False)
        return Holdings(site, "cloud", "account", (thing,), run=run)

    monkeypatch.setattr(room, "holdings", found)
    told = liferaft("status", "--cloud", "--site", site).out
    assert said in told
    assert ("LEFTOVER" in told) is (run is None)
    assert ("destroy" in told) is (site == "north" and run is None)
