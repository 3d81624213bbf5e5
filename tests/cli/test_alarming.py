"""Who did not see a drill is told what came of it; the drill, and its exit code, are as ever."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from tests.evidence.drills import play
from tests.notify.listening import SECRET, Listener, listening

from liferaft.failures import Failure, Held, Refused
from liferaft.moves.drill_verdict import DrillVerdict
from liferaft.vault import Vault
from liferaft_cli import alarming

Liferaft = Callable[..., Any]
TOLD = """
[notify]
urls = ["env/CHAT"]

[drill]
every = {north = "7d"}
ping = "env/SWITCH"
"""
RUN = "00000001-20261122T140000000Z-aa"


@pytest.fixture
def chat(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Who is told."""
    with (folder / "liferaft.toml").open("a") as file:
        file.write(TOLD)
    with listening() as one:
        monkeypatch.setenv("CHAT", one.url)
        yield one


@pytest.fixture
def switch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """The dead man's."""
    one = Listener()
    monkeypatch.setenv("SSL_CERT_FILE", str(one.speak_tls(tmp_path)))
    monkeypatch.setenv("SWITCH", one.switch)
    with listening(one):
        yield one


def said_by(chat: Listener) -> list[str]:
    return [f"{one['title']}: {one['message']}" for one in chat.heard]


def drill(
    outcome: BaseException | DrillVerdict,
    *arguments: str,
    say: Callable[[DrillVerdict], None] = lambda _: None,
) -> int:
    """A command that plays a drill with this outcome; its exit code."""

    @click.command()
    @click.argument("site", required=False)
    @click.option("--clean", is_flag=True)
    @click.option("--yes", is_flag=True)
    @click.option("--config", "config_path", type=Path, default=Path("liferaft.toml"))
    @alarming.alarmed
    def command(config_path: Path, **_: Any) -> None:
        if isinstance(outcome, BaseException):
            raise outcome
        alarming.tell(outcome, config_path, say)

    return command.main(list(arguments), standalone_mode=False) or 0


@pytest.mark.usefixtures("east_reigns")
def test_a_drill_that_cannot_begin_is_told_with_the_reason_and_the_address_is_nowhere_else(
    liferaft: Liferaft, chat: Listener, folder: Path
) -> None:
    ran = liferaft("drill", "north", "--yes")
    assert ran.code != 0
    (said,) = said_by(chat)
    assert said.startswith("chirp: drill of north: A failover to north would not have worked")
    assert "nor even begun: Vault main holds no recovery point" in said
    assert "Vault main holds no recovery point" in ran.err
    assert SECRET not in ran.out + ran.err
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


@pytest.mark.usefixtures("east_reigns")
def test_its_exit_code_is_the_same_where_nobody_can_be_told(
    liferaft: Liferaft, chat: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = liferaft("drill", "north", "--yes")
    chat.answers = 403
    refused = liferaft("drill", "north", "--yes")
    monkeypatch.setenv("CHAT", "json://127.0.0.1:1/")
    dead = liferaft("drill", "north", "--yes")
    monkeypatch.delenv("CHAT")
    unset = liferaft("drill", "north", "--yes")
    assert {told.code, refused.code, dead.code} == {unset.code}
    assert "NOBODY WAS TOLD by CHAT: it answered 403" in refused.err
    assert "NOBODY WAS TOLD by CHAT: it could not be reached" in dead.err
    assert "NOBODY IS TOLD of drills by CHAT: it is not set" in unset.err


def test_a_configuration_that_lacks_a_variable_is_told(
    liferaft: Liferaft, chat: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret that was renamed would else end all drills in silence."""
    monkeypatch.delenv("LIFERAFT_IDENTITY_FILE")
    ran = liferaft("drill", "north", "--yes")
    assert ran.code == 3
    (said,) = said_by(chat)
    assert "The environment lacks LIFERAFT_IDENTITY_FILE" in said


@pytest.mark.usefixtures("east_reigns")
def test_a_failed_drill_is_told_once_and_fails_as_it_would_have(
    chat: Listener, vault: Vault
) -> None:
    play(vault, datetime.now(UTC))
    verdict = DrillVerdict(RUN, "north", failure=Failure("Step prove failed: it answers 500"))

    def say(_: DrillVerdict) -> None:
        raise Refused("as the command says it")

    with pytest.raises(Refused):
        drill(verdict, "north", say=say)
    (said,) = said_by(chat)
    assert said == (
        "chirp: drill of north: A failover to north would not have worked: Step prove failed: it "
        f"answers 500. Its report: `liferaft report show {RUN}`."
    )


@pytest.mark.usefixtures("folder")
def test_one_that_gives_way_alarms_nobody(chat: Listener) -> None:
    with pytest.raises(Held):
        drill(Held("a failover is under way"), "north", "--yes")
    assert drill(click.exceptions.Exit(8), "north") == 8
    assert not chat.heard


@pytest.mark.usefixtures("folder")
def test_one_that_is_interrupted_alarms_where_nobody_was_asked(chat: Listener) -> None:
    with pytest.raises(click.Abort):
        drill(KeyboardInterrupt(), "north")
    assert not chat.heard
    with pytest.raises(click.Abort):
        drill(KeyboardInterrupt(), "north", "--yes")
    assert said_by(chat) == [
        "chirp: drill of north: It was interrupted before there was a verdict."
    ]


@pytest.mark.usefixtures("folder")
def test_a_defect_is_told_without_its_words(chat: Listener) -> None:
    """They may quote a secret."""
    with pytest.raises(ZeroDivisionError):
        drill(ZeroDivisionError("5ecret"), "north")
    assert said_by(chat) == [
        "chirp: drill of north: liferaft itself has a defect: ZeroDivisionError."
    ]


@pytest.mark.usefixtures("east_reigns")
def test_cleaning_up_is_no_drill(chat: Listener) -> None:
    with pytest.raises(Refused):
        drill(Refused("no"), "--clean")
    assert not chat.heard


@pytest.mark.usefixtures("east_reigns")
def test_a_good_drill_keeps_the_dead_mans_switch_quiet_and_alarms_nobody(
    chat: Listener, switch: Listener, vault: Vault
) -> None:
    play(vault, datetime.now(UTC) - timedelta(days=6))
    name = play(vault, datetime.now(UTC))
    drill(DrillVerdict(str(name), "north", rto=40.0), "north", "--yes")
    assert switch.asked == [f"/{SECRET}"]
    assert not chat.heard


@pytest.mark.usefixtures("east_reigns")
def test_a_drill_of_the_data_alone_does_not_keep_the_switch_quiet(
    chat: Listener, switch: Listener, vault: Vault
) -> None:
    play(vault, datetime.now(UTC) - timedelta(days=1))
    name = play(vault, datetime.now(UTC), data_only=True)
    drill(DrillVerdict(str(name), "north", rto=40.0, data_only=True), "north", "--yes")
    assert not switch.asked
    assert not chat.heard


@pytest.mark.usefixtures("east_reigns")
def test_the_next_drill_tells_that_one_was_missed(
    chat: Listener, switch: Listener, vault: Vault
) -> None:
    play(vault, datetime.now(UTC) - timedelta(days=20))
    name = play(vault, datetime.now(UTC))
    drill(DrillVerdict(str(name), "north", rto=40.0), "north", "--yes")
    (said,) = said_by(chat)
    assert "No drill of north has come back for" in said
    assert switch.asked, "none is missed any more"


@pytest.mark.usefixtures("east_reigns")
def test_a_bad_drill_does_not_keep_the_switch_quiet(
    chat: Listener, switch: Listener, vault: Vault
) -> None:
    name = play(vault, datetime.now(UTC))
    left = Failure("server 7 could not be deleted")
    for verdict in (
        DrillVerdict(str(name), "north", failure=Failure("no")),
        DrillVerdict(str(name), "north", missed=("RTO was 99.0 s",)),
        DrillVerdict(str(name), "north", left=left),
    ):
        drill(verdict, "north", "--yes")
    assert len(chat.heard) == 3
    drill(DrillVerdict(str(name), "north", rto=9.0, data_only=True), "north", "--yes")
    assert not switch.asked


@pytest.mark.usefixtures("east_reigns")
def test_a_slow_vendor_of_alarms_holds_a_drill_up_for_seconds_alone(
    chat: Listener, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from liferaft.notify import alarms

    monkeypatch.setattr(alarms.send, "__kwdefaults__", {"seconds": 1.0})
    chat.freed.clear()
    began = time.monotonic()
    drill(DrillVerdict(RUN, "north", failure=Failure("no")), "north", "--yes")
    assert time.monotonic() - began < 15
    assert "NOBODY WAS TOLD by CHAT: no whole answer within 1 s" in capsys.readouterr().err
