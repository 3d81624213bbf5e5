"""Disks and clocks of the servers that reign are asked, and silence is never taken for well."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
from tests.data.test_sealed_objects import AnsweringHost
from tests.doctor.conftest import Find

from liferaft.data.exposure import Backlog
from liferaft.data.postgres.disk import DatabaseDisk
from liferaft.doctor import servers
from liferaft.doctor.patient import Patient
from liferaft.evidence.loss import DataLoss
from liferaft.evidence.standing import Standing
from liferaft.evidence.watch import VaultSeen, Watched
from liferaft.failures import Facts
from liferaft.remote import Unreachable
from liferaft.remote.contract import Completed, Host
from liferaft.site import world as world_room
from liferaft.site.servers import Servers

Called = Callable[..., Patient]
Say = Callable[..., list[str]]
pytestmark = pytest.mark.usefixtures("east_reigns")
GIB = 1024**3


@pytest.fixture
def say(patient: Called, find: Find, monkeypatch: pytest.MonkeyPatch) -> Say:
    """What is said of the first server, which answers so."""

    def ask(
        free: int = 12, ahead: float = 0.0, system: str = "debian-13", synchronised: str = "yes"
    ) -> list[str]:
        text = (
            f"{system} {20 * GIB} {free * GIB // 10}\n{time.time() + ahead:.9f}\n{synchronised}\n"
        )

        async def reached(*_: object) -> Host:
            return cast("Host", AnsweringHost(Completed(0, text.encode(), b"")))

        monkeypatch.setattr(Servers, "host", reached)
        checks = [one for one in servers.of_servers(patient()) if one.about.startswith("server db")]
        return [f"{one.severity}: {one.finding}" for one in find(checks, "server")]

    return ask


def test_a_server_with_room_and_the_right_time_is_well(say: Say) -> None:
    (one,) = say(free=120)
    assert one.startswith("ok: 12.0 of 20.0 GiB are free, its clock is ")
    assert one.endswith("it runs Debian 13.")


def test_a_disk_that_fills_is_a_warning_and_a_full_one_critical(say: Say) -> None:
    assert say(free=12)[0].startswith("warning: Its disk is nearly full: 1.2 GiB are free, 6%")
    assert say(free=4)[0].startswith("critical: Its disk is nearly full: 0.4 GiB are free, 2%")


@pytest.mark.parametrize(
    ("ahead", "said"), [(90.0, "90 s ahead of ours"), (-90.0, "s behind ours")]
)
def test_a_clock_that_is_off_says_which_way(say: Say, ahead: float, said: str) -> None:
    (one,) = say(free=120, ahead=ahead)
    assert one.startswith("warning: Its clock is ")
    assert said in one


def test_a_clock_that_nothing_sets_is_a_note(say: Say) -> None:
    note, well = say(free=120, synchronised="no")
    assert well.startswith("ok: ")
    assert note.startswith("note: Nothing sets its clock")
    assert len(say(free=120, synchronised="unknown")) == 1


def test_a_server_of_another_system_than_the_reign_is_a_warning(say: Say) -> None:
    assert say(free=120, system="debian-12") == [
        "warning: It runs debian-12, and the reign is of debian-13."
    ]


def test_servers_that_do_not_answer_are_named_as_not_known_each(
    patient: Called, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(_: Servers, server: str) -> Host:
        raise Unreachable(f"Waited 15 s for {server}")

    monkeypatch.setattr(Servers, "host", silent)
    found = find(servers.of_servers(patient()), "server")
    assert [one.about for one in found] == ["server db-1 of east", "server app-1 of east"]
    assert {(one.severity, one.is_answered) for one in found} == {("unknown", False)}


def test_a_server_that_hangs_is_given_up_at_its_deadline(
    patient: Called, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Hanging(Servers):
        async def host(self, server: str) -> Host:
            await asyncio.sleep(3600)
            raise AssertionError

    monkeypatch.setattr(world_room, "Servers", Hanging)
    monkeypatch.setattr(servers, "REACH_SECONDS", 0.2)
    began = time.monotonic()
    found = find(servers.of_servers(patient()), "server")
    assert "its servers did not answer within 0 s" in found[0].finding
    assert time.monotonic() - began < 10


def exposed(
    patient: Patient, find: Find, monkeypatch: pytest.MonkeyPatch, *said: DataLoss
) -> list[str]:
    async def asked(_: object) -> tuple[DataLoss, ...]:
        return said

    monkeypatch.setattr(servers, "asked", asked)
    standing = Standing(1, "east", "2026-11-22T14:00:00Z", None, None, ())
    seen = Watched("chirp", patient.now, standing, (VaultSeen("main"),))
    patient.__dict__["_look"] = seen
    found = find(servers.of_servers(patient), "exposure")
    return [f"{one.severity}: {one.finding}" for one in found]


def test_what_no_vault_has_is_told_by_its_age(
    patient: Called, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = DataLoss("postgres", "db", (Backlog("main", 9.4, 300_000),))
    far = DataLoss("bucket", "media", (Backlog("main", 90.0, 2_000, 3),))
    late, well = exposed(patient(), find, monkeypatch, near, far)
    assert late == "warning: About 90 s of media."
    assert well == "ok: About 9 s of db."


def test_what_servers_do_not_say_is_not_told_as_nothing(
    patient: Called, find: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = DataLoss("postgres", "db", trouble="its server at east did not answer within 8 s")
    (one,) = exposed(patient(), find, monkeypatch, silent)
    assert one.startswith("unknown: NOT KNOWN of db: its server at east did not answer")


@pytest.mark.parametrize(
    ("disk", "severity", "said"),
    [
        (DatabaseDisk("db-1", free=1, waiting=0), "ok", "Its archive keeps up"),
        (DatabaseDisk("db-1", 1, 40, 600.0), "critical", "IT IS FULL IN ABOUT 10 MINUTES"),
        (
            DatabaseDisk("db-1", 1, 0, None, ("vault depot is out",)),
            "warning",
            "vault depot is out",
        ),
        (DatabaseDisk("db-1", trouble=Facts("no answer")), "unknown", "NOT KNOWN: no answer"),
    ],
)
def test_a_database_whose_archive_stands_still_says_how_long_its_disk_lasts(
    patient: Called,
    find: Find,
    monkeypatch: pytest.MonkeyPatch,
    disk: DatabaseDisk,
    severity: str,
    said: str,
) -> None:
    async def told(_: Any) -> DatabaseDisk:
        return disk

    monkeypatch.setattr(servers, "database_disk", told)
    (one,) = find(servers.of_servers(patient()), "database-disk")
    assert one.severity == severity
    assert said in one.finding
