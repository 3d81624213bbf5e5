"""Commands with several vaults, of which one may be dead: they work, and say so before anything."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liferaft.config import VaultConfig, VaultCredentials
from liferaft.vault import EpochChain, EpochRecord, Vault, open_vault

Liferaft = Callable[..., Any]
DEAD = 'url = "s3://dead"\nendpoint = "https://localhost:9"\n'


@pytest.fixture
def declared(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let liferaft.toml name another vault, before or after the usual one."""
    for kind in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"LIFERAFT_VAULT_OTHER_{kind}", "set")

    def declare(where: str, table: str) -> None:
        path = folder / "liferaft.toml"
        text, other = path.read_text(), f"[vaults.other]\n{table}\n"
        path.write_text(
            text.replace("[vaults.main]", f"{other}[vaults.main]")
            if where == "before"
            else text.replace("[sites.east]", f"{other}[sites.east]")
        )

    return declare


@pytest.fixture
def other(folder: Path) -> Vault:
    """The other vault, where it is a folder."""
    place = VaultConfig(url=f"file://{folder}/other")
    return open_vault("other", place, VaultCredentials(), prefix="chirp")


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("status", "--json"),
        ("snapshot", "list"),
        ("state",),
        ("plan", "deploy", "east"),
        ("plan", "snapshot"),
        ("plan", "destroy", "east", "--json"),
    ],
)
@pytest.mark.parametrize("where", ["before", "after"])
def test_with_a_dead_vault_commands_work_and_say_so_first(
    liferaft: Liferaft,
    declared: Callable[[str, str], None],
    command: tuple[str, ...],
    where: str,
) -> None:
    declared(where, DEAD)
    ran = liferaft(*command)
    assert ran.code == 0, ran.err
    first, *_ = ran.err.splitlines()
    assert "WARNING: vault other does not answer" in first
    assert "Vault main leads" in first
    assert "cannot be known now" in first


@pytest.mark.usefixtures("east_reigns")
@pytest.mark.parametrize("move", [("deploy", "east"), ("snapshot",)])
def test_the_warning_stands_before_the_plan_and_agreeing_is_asked_for_after_it(
    liferaft: Liferaft, declared: Callable[[str, str], None], move: tuple[str, ...]
) -> None:
    declared("before", DEAD)
    ran = liferaft(*move, typed="n\n")
    assert ran.code == 8, ran.err
    assert ran.err.index("cannot be known") < ran.err.index("Plan") < ran.err.index("Do it?")


@pytest.mark.usefixtures("east_reigns")
def test_status_tells_which_vault_leads_and_which_does_not_answer(
    liferaft: Liferaft, declared: Callable[[str, str], None]
) -> None:
    declared("before", DEAD)
    shown = liferaft("status").out
    assert "Vault main: it leads, has all records." in shown
    assert "Vault other: DOES NOT ANSWER, incomplete since" in shown
    assert "Now: Vault other does not answer" in shown
    main, dead = json.loads(liferaft("status", "--json").out)["vaults"]
    assert (main["vault"], main["leads"], main["is_complete"], main["left"]) == (
        *("main", True, True, 0),
    )
    assert (dead["vault"], dead["answers"], dead["left"]) == ("other", False, None)


@pytest.mark.usefixtures("east_reigns")
def test_status_tells_what_a_vault_lacks_that_was_declared_later(
    liferaft: Liferaft, declared: Callable[[str, str], None], folder: Path
) -> None:
    declared("before", f'url = "file://{folder}/other"')
    ran = liferaft("status")
    assert "Epoch 1: east reigns" in ran.out
    assert "Vault main: it leads, has all records." in ran.out
    assert "Vault other: INCOMPLETE, 2 records left to bring: it has 0 of 1 epochs." in ran.out
    assert "`liferaft snapshot` brings it what it lacks" in ran.out
    assert not any((folder / "other").rglob("*.json")), "looking writes nothing"


@pytest.mark.usefixtures("east_reigns")
def test_one_vault_is_not_spoken_of(liferaft: Liferaft) -> None:
    ran = liferaft("status")
    assert "Vault" not in ran.out
    (one,) = json.loads(liferaft("status", "--json").out)["vaults"]
    assert (one["vault"], one["leads"], one["is_complete"]) == ("main", True, True)


def test_with_no_vault_that_answers_all_are_named(
    liferaft: Liferaft, declared: Callable[[str, str], None], folder: Path
) -> None:
    declared("before", DEAD)
    (folder / "vault").touch()  # a file where the folder was
    ran = liferaft("status")
    assert ran.code == 6
    assert "Vault other and main: none answers" in ran.err
    assert "Run the same command again once one of them answers." in ran.err


def test_a_folder_whose_disk_is_not_there_hides_nothing(
    liferaft: Liferaft, declared: Callable[[str, str], None], folder: Path, other: Vault
) -> None:
    declared("after", f'url = "file://{folder}/other"')
    EpochChain(other).claim(EpochRecord(1, "east", "run-1", "2026-11-22T14:00:00Z"))
    (folder / "vault").touch()
    ran = liferaft("status")
    assert "Epoch 1: east reigns" in ran.out
    assert "vault main does not answer" in ran.err
