"""`liferaft report`: shown, listed, opened and handed on, whoever's command wrote the journal."""

import json
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.runs import FINISHED, NAME, STARTED, written

from liferaft.journal import RunName
from liferaft.vault import Vault, VaultUnavailable

Liferaft = Callable[..., Any]


@pytest.mark.parametrize("words", [("report",), ("report", "show"), ("report", "show", str(NAME))])
def test_a_report_is_shown_to_people(
    liferaft: Liferaft, vault: Vault, words: tuple[str, ...]
) -> None:
    written(vault, STARTED)
    ran = liferaft(*words)
    assert ran.code == 0
    assert ran.out.startswith("failover of north, NOT FINISHED after")
    assert "The failover of north is not finished" in ran.out


@pytest.mark.parametrize("words", [("report", str(NAME)), ("report", "show"), ("report",)])
def test_a_report_is_told_to_machines(
    liferaft: Liferaft, vault: Vault, words: tuple[str, ...]
) -> None:
    written(vault, STARTED)
    told = json.loads(liferaft(*words, "--json").out)
    assert (told["run"], told["move"], told["finished"]) == (str(NAME), "failover", False)
    assert [step["name"] for step in told["steps"]] == ["reserve"]


def test_a_snapshot_that_followed_a_move_is_shown_by_its_name_alone(
    liferaft: Liferaft, vault: Vault
) -> None:
    written(vault, FINISHED)
    later = RunName(2, "20261122T150000000Z-1a2b3c4d")
    written(vault, FINISHED, later, follows=str(NAME))
    assert json.loads(liferaft("report", "--json").out)["run"] == str(NAME)
    assert json.loads(liferaft("report", str(later), "--json").out)["run"] == str(later)


def test_a_report_of_a_run_that_nobody_knows_is_bad_input(liferaft: Liferaft) -> None:
    ran = liferaft("report", "00000001-x")
    assert ran.code == 3
    assert "no run 00000001-x" in ran.err


def test_the_report_of_a_run_whose_command_died_is_in_the_vault_once_somebody_lists(
    liferaft: Liferaft, vault: Vault
) -> None:
    written(vault, STARTED)
    ran = liferaft("report", "list")
    assert ran.out.startswith(f"{NAME}  The failover of north is not finished")
    assert b"<!doctype html>" in vault.get(NAME.report("html"))
    (row,) = json.loads(liferaft("report", "list", "--json").out)
    assert (row["run"], row["state"], row["rto"]) == (str(NAME), "unfinished", None)


def test_a_vault_without_runs_has_nothing_to_list(liferaft: Liferaft) -> None:
    assert liferaft("report", "list").out == "The vault holds no run yet.\n"
    assert json.loads(liferaft("report", "list", "--json").out) == []


def test_a_list_shows_the_newest_twenty_unless_all_are_asked_for(
    liferaft: Liferaft, vault: Vault
) -> None:
    for second in range(22):
        written(vault, FINISHED, RunName(2, f"20261122T1400{second:02}000Z-1a2b3c4d"))
    assert len(liferaft("report", "list").out.splitlines()) == 20
    assert len(liferaft("report", "list", "--all").out.splitlines()) == 22


def test_where_there_is_no_browser_the_path_is_said(
    liferaft: Liferaft, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    written(vault, FINISHED)
    ran = liferaft("report", "open")
    assert ran.code == 0
    assert "There is no browser here" in ran.err
    assert Path(ran.out.strip()).read_bytes() == vault.get(NAME.report("html"))


@pytest.mark.usefixtures("east_reigns")
def test_a_browser_is_given_the_page_where_there_is_one(
    liferaft: Liferaft, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")

    def show(url: str) -> bool:
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", show)
    written(vault, FINISHED)
    ran = liferaft("report", "open", str(NAME))
    assert opened == [Path(ran.out.strip()).as_uri()]
    assert ran.err == ""


def test_a_report_is_handed_on_in_a_folder(liferaft: Liferaft, vault: Vault, folder: Path) -> None:
    written(vault, FINISHED)
    ran = liferaft("report", "export", "--to", "for-the-auditor")
    assert ran.code == 0
    there = {path.name: path for path in (folder / "for-the-auditor").iterdir()}
    assert {f"{NAME}.html", f"{NAME}.json"} <= set(there)
    assert there[f"{NAME}.html"].read_bytes() == vault.get(NAME.report("html"))
    assert set(ran.out.split()) == {f"for-the-auditor/{name}" for name in there}


def test_a_folder_that_is_none_is_bad_input(liferaft: Liferaft, vault: Vault, folder: Path) -> None:
    written(vault, FINISHED)
    (folder / "file").write_text("")
    ran = liferaft("report", "export", "--to", "file")
    assert ran.code == 3
    assert "cannot be written to file" in ran.err


def test_a_report_that_no_vault_takes_is_shown_all_the_same(
    liferaft: Liferaft, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    from liferaft.vault import StoredVault

    written(vault, FINISHED)

    def refuse(*_: Any) -> None:
        raise VaultUnavailable("main", "writing", "it does not answer")

    monkeypatch.setattr(StoredVault, "put", refuse)
    ran = liferaft("report")
    assert ran.code == 0
    assert "The report is in no vault: Vault main: writing" in ran.err
    assert ran.out.startswith("failover of north, finished")
