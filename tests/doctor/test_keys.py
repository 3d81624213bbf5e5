"""Of keys that are too strong, or were never tried, is told at each vault by its name."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.doctor.conftest import NOW, Find
from tests.doctor.test_accounts import dead_vault
from tests.moto_store import moto_store

from liferaft.doctor import keys
from liferaft.doctor.patient import Patient
from liferaft.vault import Vault
from liferaft.vault.tried import VaultFinding, VaultTried, note_tried, without_versions

Called = Callable[..., Patient]
DELETES = VaultFinding("main", "the key that servers hold may delete", "Give it a policy.")
TRIED = (NOW - timedelta(days=3)).isoformat()
Say = Callable[..., list[str]]


@pytest.fixture
def say(
    patient: Called,
    vault: Vault,
    environ: dict[str, str],
    find: Find,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: object,
) -> Say:
    """What is said of a store, where trying it has come to this, and it says this today."""
    for kind in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        environ[f"LIFERAFT_VAULT_MAIN_{kind}"] = "set"

    def ask(tried: VaultTried | None, *today: VaultFinding) -> list[str]:
        if tried is not None:
            note_tried(vault, [tried])
        monkeypatch.setattr(keys, "stores_found", lambda *_: today)
        it = patient((f"file://{tmp_path}/vault", "s3://chirp-vault"))
        return [f"{one.severity}: {one.finding}" for one in find(keys.of_keys(it), "vault-keys")]

    return ask


def test_a_store_that_was_never_tried_is_a_warning(say: Say) -> None:
    assert say(None) == ["warning: Its keys were never tried, nor what it keeps."]


def test_what_trying_found_is_told_until_it_is_tried_again(say: Say) -> None:
    tried = VaultTried("main", TRIED, ("hosts",), keeps_versions=True, findings=(DELETES,))
    first, note = say(tried)
    assert first == "warning: The key that servers hold may delete."
    assert note.startswith("note: Tried 3 days ago, not now: versions are kept, and nothing is")


def test_versions_are_asked_for_today_and_not_believed_of_a_note(say: Say) -> None:
    tried = VaultTried("main", TRIED, keeps_versions=False, findings=(without_versions("main"),))
    assert not any("keeps no versions" in one for one in say(tried)), "they are kept by now"
    assert "keeps no versions" in say(tried, without_versions("main"))[0]


def test_a_lock_that_holds_and_keys_that_cannot_destroy_are_well(say: Say) -> None:
    good = VaultTried("main", TRIED, ("hosts",), keeps_versions=True, lock="30 days", holds=True)
    (said,) = say(good)
    assert said == "ok: Tried 3 days ago, not now: versions are kept, and locked (30 days)."


def test_a_trial_that_is_long_ago_is_told_as_that(say: Say) -> None:
    ago = (NOW - timedelta(days=40)).isoformat()
    (said,) = say(VaultTried("main", ago, keeps_versions=True, lock="30 days", holds=True))
    assert said.startswith("note: Tried 40 days ago")


def test_of_a_vault_that_is_silent_nothing_is_said_and_least_of_all_that_it_was_not_tried(
    patient: Called, find: Find, tmp_path: object
) -> None:
    told = patient((f"file://{tmp_path}/vault", "s3://chirp-vault"))
    blind = Patient.of(told.config, dead_vault(), told.environ)
    (one,) = find(keys.of_keys(blind), "vault-keys")
    assert (one.severity, one.is_answered) == ("unknown", False)


def test_a_folder_has_no_keys(patient: Called) -> None:
    assert not [*keys.of_keys(patient())]


def test_a_pair_that_was_revoked_is_found_by_whose_it_is(
    patient: Called, environ: dict[str, str], find: Find, tmp_path: Path
) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    with moto_store(folder, key="id", secret="good") as store:
        store.make_bucket("chirp-vault")
        for whose, secret in (("", "good"), ("HOSTS_", "good"), ("READING_", "geheim")):
            environ[f"LIFERAFT_{whose}VAULT_MAIN_ACCESS_KEY_ID"] = "id"
            environ[f"LIFERAFT_{whose}VAULT_MAIN_SECRET_ACCESS_KEY"] = secret
        here = f'url = "s3://chirp-vault"\nendpoint = "{store.url}"\nca_file = "{store.ca_file}"'
        it = patient((f'url = "file://{tmp_path}/vault"', here))
        revoked, well = find(keys.of_keys(it), "vault-pairs")
    assert revoked.severity == "critical"
    assert "It refuses the pair that servers are given to read" in revoked.finding
    assert well.finding == "It answers to the pair that servers hold."
    assert "geheim" not in str(revoked)


def test_servers_that_hold_the_operators_pair_are_told_to_hold_a_key_that_is_too_strong(
    patient: Called, environ: dict[str, str], find: Find, tmp_path: Path
) -> None:
    for kind in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        environ[f"LIFERAFT_VAULT_MAIN_{kind}"] = "set"
    it = patient((f"file://{tmp_path}/vault", "s3://chirp-vault"))
    (one,) = find(keys.of_keys(it), "vault-pairs")
    assert one.severity == "note"
    assert "which may delete all that is there" in one.finding
    assert "LIFERAFT_HOSTS_VAULT_" in one.mend
