"""A point is taken by the database's server itself: with the programs that it calls played by a
script, over a folder for each vault."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.data.postgres.pointtaking.server import (
    NOW,
    OLD,
    POINTS,
    Server,
    manifest,
    platform,
    server,
)

from liferaft.data.postgres.backup import part_of
from liferaft.data.postgres.platform import Platform
from liferaft.data.postgres.pointtaking import main as main_room
from liferaft.data.postgres.pointtaking.chain import MOST_INCREMENTS
from liferaft.data.postgres.pointtaking.main import main
from liferaft.data.postgres.pointtaking.manifest import sealed
from liferaft.recovery import release
from liferaft.recovery.part import Part
from liferaft.recovery.point import newest
from liferaft.recovery.release import Release
from liferaft.vault.layout import EpochKeys

__all__ = ["server"]


def test_the_commands_of_today_read_what_was_taken(server: Server) -> None:
    assert server.run() == 0
    for name in ("main", "second"):
        point = newest(server.vault(name), 1)
        assert (point.name, point.site, point.epoch) == ("20261129T120000Z", "east", 1)
        part = point.part("postgres", "db")
        assert part.facts["labels"] == {"main": "20261129-000000F", "second": "20261129-000000F"}
        assert part.vaults == ("main", "second")
        assert part.facts["platform"] == platform()
        assert part.facts["timeline"] == 1
        assert part.facts["archive_start"] == f"{1:08X}{9:016X}"
        assert point.part("image", "chirp") == manifest().part("image", "chirp")


def test_what_was_deployed_since_is_named_by_the_next_point(server: Server) -> None:
    image = Part("image", "chirp-2", 1, "2026", 1, {"digest": "e"}, ("main", "second"))
    for name in ("main", "second"):
        release.note(server.vault(name), 1, "run", Release("2026", (image,)))
    assert server.run() == 0
    point = newest(server.vault("second"), 1)
    assert [one for one in point.parts if one.kind == "image"] == [image]
    assert point.part("postgres", "db").facts["labels"]["second"] == "20261129-000000F"


@pytest.mark.parametrize("note", [b"torn", b"", None])
def test_a_note_of_a_deploy_that_cannot_be_read_keeps_no_point_from_being_taken(
    server: Server, note: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("main", "second"):
        if note is None:
            release.note(server.vault(name), 1, "run", Release("2026", ()))
        else:
            (server.root(name) / EpochKeys(1).release).write_bytes(note)
    assert server.run() == 0
    assert newest(server.vault("main"), 1).part("image", "chirp")
    assert ("as by the newest point" in capsys.readouterr().err) is (note is not None)


def test_what_is_told_of_the_backups_is_what_a_snapshot_tells(server: Server) -> None:
    """Where a restore begins in one vault is not where it begins in another."""
    server.run(days=1)
    (server.root("second") / "backups.json").unlink()  # it numbers anew: its next one is earlier
    (server.root("second") / POINTS / "20261130T120000Z.json").unlink()
    server.run(days=2)
    told = newest(server.vault("main"), 1).part("postgres", "db")
    backups = {}
    for vault in ("main", "second"):
        rows = json.loads((server.root(vault) / "backups.json").read_text())
        backups[vault] = {**rows[-1], "system_id": "77"}
    assert backups["main"]["archive"] != backups["second"]["archive"]
    wanted = part_of("db", 1, backups, platform=Platform.from_json(platform()))
    assert told.taken_at == wanted.taken_at
    assert told.facts == {**wanted.facts, "platform": platform()}


def test_while_the_newest_is_young_enough_nothing_is_taken(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.run(days=-1) == 0
    assert "young enough" in capsys.readouterr().out
    assert "backup" not in server.log


def test_the_next_one_is_incremental_until_the_full_one_is_old(server: Server) -> None:
    server.run()
    server.run(days=1)
    assert "main incr backup" in server.log
    part = newest(server.vault("main"), 1).part("postgres", "db")
    assert part.facts["labels"]["main"].startswith("20261129-000000F_")
    server.run(days=8)
    assert server.log.count("main full backup") == 2


def test_what_a_restore_needs_is_no_long_chain(server: Server) -> None:
    """By the rule of an operator's snapshot: a differential one a day, and after 8 increments."""
    server.settings.write_text(
        json.dumps({**json.loads(server.settings.read_text()), "every": 600.0})
    )
    for number in range(10):
        server.run(minutes=11 * number)
    assert server.log.count("main incr backup") == MOST_INCREMENTS
    assert server.log.count("main diff backup") == 1
    server.run(days=2)
    assert server.log.count("main diff backup") == 2


def test_a_server_that_does_not_reign_takes_nothing(server: Server) -> None:
    (server.folder / "etc" / "reign").unlink()
    assert server.run() == 0
    assert server.points("main") == [OLD]


@pytest.mark.parametrize("vault", ["main", "second"])
def test_a_server_whose_reign_is_over_in_any_vault_takes_nothing(
    server: Server, vault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever it took would be a backup of a history that was left."""
    (server.root(vault) / "epoch" / "00000002").write_text("north")
    assert server.run() == 1
    assert "epoch 00000002 reigns" in capsys.readouterr().err
    assert server.points("main") == server.points("second") == [OLD]
    assert "backup" not in server.log


def test_a_reign_that_ends_while_it_backs_up_is_seen_before_the_manifest(server: Server) -> None:
    (server.root("second") / "fenced").touch()
    assert server.run() == 1
    assert server.points("main") == server.points("second") == [OLD]


@pytest.mark.parametrize("vault", ["main", "second"])
def test_a_reign_that_ends_while_the_manifest_is_written_has_it_taken_back(
    server: Server, vault: str
) -> None:
    (server.root(vault) / "fenced-late").touch()
    assert server.run() == 1
    assert server.points("main") == server.points("second") == [OLD]


def test_a_dead_vault_starves_no_other_and_is_told(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    (server.root("main") / "dead").touch()
    assert server.run() == 1
    assert "not everywhere: vault main" in capsys.readouterr().err
    point = newest(server.vault("second"), 1)
    assert point.part("postgres", "db").vaults == ("second",)
    assert server.points("main") == [OLD]


def test_a_vault_that_is_full_has_no_manifest_of_what_it_lacks(server: Server) -> None:
    (server.root("second") / "full").touch()
    assert server.run() == 1
    assert len(server.points("main")) == 2
    assert server.points("second") == [OLD]


def test_a_vault_that_takes_and_forgets_is_noticed(server: Server) -> None:
    (server.root("second") / "forgets").touch()
    assert server.run() == 1
    assert len(server.points("main")) == 2


def test_a_vault_that_was_taken_out_is_left_alone(server: Server) -> None:
    (server.folder / "etc" / "push" / "second" / "out").touch()
    assert server.run() == 0
    assert "second" not in server.log


def test_before_the_first_point_of_a_reign_there_is_nothing_to_go_on_from(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("main", "second"):
        (server.root(name) / POINTS / f"{OLD}.json").unlink()
    assert server.run() == 1
    assert "`liferaft snapshot`" in capsys.readouterr().err


Spoil = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-1],
        lambda body: body.partition(b"\n")[2],
        lambda body: sealed(
            f"{POINTS}/{OLD}.json", {**json.loads(body.partition(b"\n")[2]), "version": 4}
        ),
    ],
    ids=["cut", "without its first line", "of another form"],
)
def test_from_a_manifest_that_it_does_not_understand_it_does_not_go_on(
    server: Server, spoil: Spoil
) -> None:
    for name in ("main", "second"):
        path = server.root(name) / POINTS / f"{OLD}.json"
        path.write_bytes(spoil(path.read_bytes()))
    assert server.run() == 1
    assert server.points("main") == [OLD]


def test_a_clock_that_went_back_takes_no_point_that_would_not_be_the_newest(
    server: Server,
) -> None:
    times = iter([NOW, NOW - timedelta(days=9)])
    assert main([str(server.settings)], lambda: next(times, NOW)) == 1
    assert server.points("main") == [OLD]


def test_a_server_that_was_upgraded_asks_for_a_snapshot_of_the_operators(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    (server.folder / "bin" / "psql").write_text("#!/bin/bash\necho 170002\n")
    assert server.run() == 1
    assert "not what the newest recovery point says" in capsys.readouterr().err
    assert server.points("main") == [OLD]


def test_a_database_that_says_nothing_is_told_and_waited_for_no_longer(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main_room, "_PSQL_SECONDS", 0.2)
    (server.folder / "bin" / "psql").write_text("#!/bin/bash\nexec sleep 60\n")
    assert server.run() == 1
    assert "the database gave no answer" in capsys.readouterr().err
    assert server.points("main") == [OLD]
