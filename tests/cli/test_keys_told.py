"""What is said of keys: by a deploy once, and later with how old it is."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from tests.models.vault import VaultModel

from liferaft.config import Config, VaultConfig
from liferaft.vault import CheckedVault, Vault
from liferaft.vault.tried import VaultFinding, VaultTried, note_tried, without_versions
from liferaft_cli import keys_told
from liferaft_cli.looking import Looked
from liferaft_cli.opening import Opened

NOW = datetime(2026, 11, 30, 9, 14, tzinfo=UTC)
DELETES = VaultFinding("main", "the key that servers hold may delete", "Give it a policy.")
TRIED = VaultTried(
    *("main", (NOW - timedelta(days=3)).isoformat(), ("hosts",)),
    keeps_versions=False,
    findings=(without_versions("main"), DELETES),
)


@pytest.fixture
def opened() -> Opened:
    stores = {"main": VaultConfig(url="s3://chirp-vault", endpoint="https://s3.test")}
    folders = {"beside": VaultConfig(url="file:///mnt/disk")}
    config = SimpleNamespace(vaults=stores | folders)
    return Opened(cast("Config", config), CheckedVault(VaultModel()))


def looked(epoch: int | None = 1) -> Looked:
    standing = SimpleNamespace(epoch=epoch)
    return cast("Looked", SimpleNamespace(standing=standing, watched=SimpleNamespace(at=NOW)))


def test_status_says_when_keys_were_tried_and_not_that_they_are_well(opened: Opened) -> None:
    first, advice = keys_told.lines([TRIED], opened, looked())
    assert first.startswith("Keys of vault main: tried 3 days ago (2026-11-27")
    assert first.endswith("not now; NO VERSIONS ARE KEPT, and nothing is locked.")
    assert advice == f"Now: {DELETES.sentence}", "versions are asked anew, and told by the answer"


def test_keys_that_were_never_tried_are_told_as_that(opened: Opened) -> None:
    (line,) = keys_told.lines([], opened, looked())
    assert "was never tried: `liferaft deploy` tries" in line
    assert keys_told.in_short([], opened, NOW) == "vault main was never tried"
    assert list(keys_told.lines([], opened, looked(epoch=None))) == []


def test_a_watcher_is_told_in_a_few_words(opened: Opened) -> None:
    said = keys_told.in_short([TRIED], opened, NOW)
    assert said.startswith("keys of vault main were tried 3 days ago: its bucket keeps no versions")
    assert said.endswith(", the key that servers hold may delete")
    well = VaultTried("main", NOW.isoformat(), keeps_versions=True)
    assert keys_told.in_short([well], opened, NOW).endswith("tried 0 s ago: all well")


def test_a_deploy_tells_what_no_earlier_one_has_told(opened: Opened) -> None:
    assert list(keys_told.new_findings([TRIED], opened)) == [one.sentence for one in TRIED.findings]
    keys_told.note([TRIED], opened)
    assert list(keys_told.new_findings([TRIED], opened)) == []


@pytest.mark.usefixtures("east_reigns")
def test_machines_are_told_the_whole_note(liferaft: Callable[..., Any], vault: Vault) -> None:
    name = json.loads(liferaft("status", "--json").out)["vaults"][0]["vault"]
    note_tried(vault, [VaultTried(name, TRIED.at, findings=(DELETES,))])
    (told,) = json.loads(liferaft("status", "--json").out)["tried"]
    assert (told["vault"], told["at"]) == (name, TRIED.at)
    assert told["findings"][0]["happened"] == DELETES.happened
